// What every store on disk needs of the place where it is, tried there.
#pragma once

#include <boost/filesystem/path.hpp>
#include <hexpage/doctor.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "filesystem/store_directory.hpp"

namespace hexpage {

// A folder to try things in; it goes with all that is in it.
class TrialFolder {
 public:
  // Throws Io where nothing can be made.
  explicit TrialFolder(const boost::filesystem::path& directory);
  ~TrialFolder();
  TrialFolder(const TrialFolder&) = delete;
  TrialFolder& operator=(const TrialFolder&) = delete;

  int fd() const { return fd_.get(); }
  Fd make(const std::string& file) const;
  Fd open(const std::string& file) const;

 private:
  boost::filesystem::path path_;
  Fd fd_;
};

// Each call but the first and the last tries one thing and tells of it.
class PlaceExamination {
 public:
  // Tries in the directory, or in the nearest one above that is there. Throws Io as TrialFolder.
  PlaceExamination(const std::string& directory, const DirectoryRules& rules);

  void permissions();
  void filesystem();
  void locks();
  void sync();
  void room(std::string_view need);  // what a store takes it for

  void tell(const std::string& name, bool holds, const std::string& good, const std::string& bad);
  const TrialFolder& folder() const { return folder_; }
  std::vector<Guarantee> take() { return std::move(found_); }

 private:
  bool isInMemory() const;

  const boost::filesystem::path path_;  // the nearest directory that is there
  const bool isThere_;
  const DirectoryRules rules_;
  const TrialFolder folder_;
  std::vector<Guarantee> found_;
};

}  // namespace hexpage
