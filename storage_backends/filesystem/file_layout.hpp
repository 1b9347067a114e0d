// Which file holds which record: pixl-server-storage's Filesystem engine (4.3 of its format), raw
// paths or MD5 directories.
#pragma once

#include <hexpage/types.hpp>
#include <string>
#include <string_view>

namespace hexpage {

struct FileLayout {
  bool rawFilePaths = true;
  // Of the MD5 directories only.
  std::string keyPrefix;
  bool keyNamespaces = false;
  std::string keyTemplate;
  bool lowerCaseKeys = true;  // paths come lower-cased; recorded, for another store would miss them

  // Relative to the store's directory. Hidden records lie under `.hexpage/hidden` in either layout.
  std::string fileOf(std::string_view path) const;

  // The same in an MD5 directory, for a path of that digest.
  std::string digestFileOf(std::string_view path, const std::string& md5) const;

  Json toJson() const;  // as the members of the backend's section of the config
  friend bool operator==(const FileLayout&, const FileLayout&) = default;
};

inline constexpr std::string_view kOwnDirectory = ".hexpage";
inline constexpr std::string_view kHiddenDirectory = ".hexpage/hidden";

// Throws InvalidArgument, with the settings to use, when the directory was written in another
// layout: by what is recorded in `.hexpage/layout.json`, else by the names of some of its files.
void checkLayout(const std::string& baseDir, const FileLayout& layout);

}  // namespace hexpage
