#include "filesystem/file_layout.hpp"

#include <algorithm>
#include <array>
#include <boost/filesystem.hpp>
#include <cerrno>
#include <hexpage/error.hpp>
#include <optional>

#include "filesystem/layout_guess.hpp"
#include "filesystem/posix.hpp"
#include "support/digest.hpp"
#include "support/path_errors.hpp"
#include "support/path_rules.hpp"

namespace hexpage {
namespace {

namespace fs = boost::filesystem;

constexpr std::size_t kFilesLookedAt = 100;

std::string withReplaced(std::string text, std::string_view what, std::string_view by) {
  for (std::size_t at = text.find(what); at != std::string::npos;
       at = text.find(what, at + by.size()))
    text.replace(at, what.size(), by);
  return text;
}

// Some of the JSON files, relative; Node's and our own folders aside.
std::vector<std::string> someFiles(const std::string& baseDir) {
  std::vector<std::string> files;
  boost::system::error_code error;
  fs::recursive_directory_iterator entry(baseDir, error), end;
  for (; !error && entry != end && files.size() < kFilesLookedAt; entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (entry.depth() == 0 && (name.starts_with('.') || name == "_temp" || name == "_transactions"))
      entry.disable_recursion_pending();
    else if (name.ends_with(".json"))
      files.push_back(entry->path().string().substr(baseDir.size() + 1));
  }
  // What may not be read, or has gone, is no file of ours.
  if (error == boost::system::errc::not_enough_memory ||
      error == boost::system::errc::too_many_files_open) {
    errno = error.value();
    throwSystem("list", baseDir);
  }
  return files;
}

[[noreturn]] void refuse(const std::string& baseDir, const std::string& why, const Json& settings) {
  throw Error(Code::InvalidArgument, baseDir + " has another layout: " + why +
                                         "; open it with \"filesystem\": " + settings.dump());
}

constexpr std::array<std::string_view, 5> kMembers{"raw_file_paths", "key_prefix", "key_namespaces",
                                                   "key_template", "lower_case_keys"};

// The recorded layout, if there is one.
std::optional<Json> recordedLayout(const std::string& baseDir) {
  static const std::string kName = ".hexpage/layout.json";
  const std::string file = baseDir + "/" + kName;
  const Fd directory = openDirectory(baseDir);
  const auto content = readRegular(directory.get(), kName);
  if (!content) return std::nullopt;
  Json recorded = Json::parse(content->text, nullptr, false);
  if (!recorded.is_object() || !recorded.contains("format"))
    throw Error(Code::Corrupt, file + ": not the layout record that hexpage writes");
  if (recorded["format"] != 1)
    throw Error(Code::InvalidArgument, file + ": format " + recorded["format"].dump() +
                                           " is of a newer hexpage; this one knows format 1");
  recorded.erase("format");
  for (const auto& [member, value] : recorded.items())
    if (std::find(kMembers.begin(), kMembers.end(), member) == kMembers.end())
      throw Error(Code::Corrupt, file + ": the unknown member " + member +
                                     "; delete the file to have it made anew from the config");
  return recorded;
}

}  // namespace

std::string FileLayout::fileOf(std::string_view path) const {
  if (isHidden(path))
    return std::string(kHiddenDirectory) + "/" + std::string(path.substr(1)) + ".json";
  if (rawFilePaths) return std::string(path) + ".json";
  return digestFileOf(path, Digest::of(path).hex());
}

std::string FileLayout::digestFileOf(std::string_view path, const std::string& md5) const {
  std::string file;
  if (!keyPrefix.empty()) file += keyPrefix + "/";
  if (keyNamespaces) file += std::string(path.substr(0, path.find('/'))) + "/";
  if (keyTemplate.empty())
    return file + md5.substr(0, 2) + "/" + md5.substr(2, 2) + "/" + md5.substr(4, 2) + "/" + md5 +
           ".json";
  std::string name;
  std::size_t digit = 0;
  for (const char c : keyTemplate)
    name += c == '#' ? (digit < md5.size() ? std::string(1, md5[digit++]) : "") : std::string(1, c);
  name = withReplaced(name, "[key]", path);
  name = withReplaced(name, "[md5]", md5);
  return file + name + ".json";
}

Json FileLayout::toJson() const {
  if (rawFilePaths) return {{"raw_file_paths", true}};
  return {{"raw_file_paths", false},
          {"key_prefix", keyPrefix},
          {"key_namespaces", keyNamespaces},
          {"key_template", keyTemplate}};
}

namespace {

// Takes the member out of what is recorded. Stores of before it was recorded are taken as given.
void checkLowerCase(const std::string& baseDir, Json& recorded, bool lowerCaseKeys) {
  const auto member = recorded.find("lower_case_keys");
  if (member == recorded.end()) return;
  if (*member != lowerCaseKeys)
    throw Error(Code::InvalidArgument,
                baseDir + " was made with other paths; open it with \"lower_case_keys\": " +
                    member->dump());
  recorded.erase(member);
}

void refuseBinary(const std::string& baseDir) {
  const fs::path base(baseDir);
  const bool isBinary = withPathErrors("stat", [&] {
    return fs::is_regular_file(base / "lock") && fs::is_directory(base / "locks") &&
           !fs::exists(base / ".hexpage");
  });
  if (!isBinary) return;
  throw Error(Code::InvalidArgument,
              baseDir +
                  " is a directory of the backend binary; open it with \"backend\": \"binary\", "
                  "or give filesystem.base_dir another");
}

}  // namespace

void checkLayout(const std::string& baseDir, const FileLayout& layout) {
  refuseBinary(baseDir);
  if (auto recorded = recordedLayout(baseDir)) {
    checkLowerCase(baseDir, *recorded, layout.lowerCaseKeys);
    if (*recorded != layout.toJson()) refuse(baseDir, "hexpage has recorded it", *recorded);
    return;
  }
  const std::vector<std::string> files = someFiles(baseDir);
  const std::optional<FileLayout> guess = guessDigestLayout(files);
  const std::string example = files.empty() ? "" : files.front();
  if (layout.rawFilePaths) {
    if (guess)
      refuse(baseDir, "its files are named by MD5 digests, as " + example, guess->toJson());
    return;
  }
  const std::size_t named = countNamed(layout, files);
  if (guess && countNamed(*guess, files) > named)
    refuse(baseDir, "its files are named otherwise, as " + example, guess->toJson());
  if (!files.empty() && named == 0)
    refuse(baseDir, "its files are named by paths, as " + example, {{"raw_file_paths", true}});
}

}  // namespace hexpage
