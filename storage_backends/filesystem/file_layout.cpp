#include "filesystem/file_layout.hpp"

#include <algorithm>
#include <array>
#include <boost/filesystem.hpp>
#include <hexpage/error.hpp>
#include <optional>

#include "filesystem/posix.hpp"
#include "support/digest.hpp"
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

bool isHex(std::string_view text) {
  return text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

// What the name of a file says of the layout that it was written in.
struct Look {
  bool isDigest = false;  // 9b/c6/5c/9bc65c2abec141778ffaa729489f3e87.json, or the name alone
  std::optional<std::string> above;  // of such: the folders before 9b/c6/5c, with their last '/'
  std::string md5;
};

Look lookAt(const std::string& file) {
  const std::size_t name = file.rfind('/') + 1;  // 0 when there is none
  Look look{file.size() - name == 37 && isHex(file.substr(name, 32)), std::nullopt,
            file.substr(name, 32)};
  const std::string folders =
      look.md5.substr(0, 2) + "/" + look.md5.substr(2, 2) + "/" + look.md5.substr(4, 2) + "/";
  if (look.isDigest && file.substr(0, name).ends_with(folders))
    look.above = file.substr(0, name - folders.size());
  return look;
}

// Whether files of the layout without a template lie below such folders: prefix, then namespace.
bool fits(const FileLayout& layout, const std::string& above) {
  const std::string prefix = layout.keyPrefix.empty() ? "" : layout.keyPrefix + "/";
  if (!above.starts_with(prefix)) return false;
  const auto slashes =
      std::count(above.begin() + static_cast<std::ptrdiff_t>(prefix.size()), above.end(), '/');
  return slashes == (layout.keyNamespaces ? 1 : 0);
}

// The settings that fit the folders seen. A namespace shows by the file of a record of that very
// name.
Json guess(const std::vector<Look>& looks) {
  FileLayout layout;
  layout.rawFilePaths = false;
  std::string prefix = looks.front().above.value_or("");
  for (const Look& look : looks) {
    const std::string above = look.above.value_or("");
    const std::string inner = above.substr(0, above.empty() ? 0 : above.size() - 1);
    const std::string last = inner.substr(inner.rfind('/') + 1);
    if (!above.empty() && (above != prefix || Digest::of(last).hex() == look.md5))
      layout.keyNamespaces = true;
  }
  if (layout.keyNamespaces) prefix.erase(prefix.rfind('/', prefix.size() - 2) + 1);
  if (!prefix.empty()) layout.keyPrefix = prefix.substr(0, prefix.size() - 1);
  return layout.toJson();
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
  const Fd directory(::open(baseDir.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!directory) throwSystem("open", baseDir);
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
  return digestFileOf(path);
}

std::string FileLayout::digestFileOf(std::string_view path) const {
  const std::string md5 = Digest::of(path).hex();
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

}  // namespace

void checkLayout(const std::string& baseDir, const FileLayout& layout) {
  if (auto recorded = recordedLayout(baseDir)) {
    checkLowerCase(baseDir, *recorded, layout.lowerCaseKeys);
    if (*recorded != layout.toJson()) refuse(baseDir, "hexpage has recorded it", *recorded);
    return;
  }
  const std::vector<std::string> files = someFiles(baseDir);
  // A template without the digest names files as it likes: nothing can be told by looking.
  if (!layout.rawFilePaths && !layout.keyTemplate.empty() &&
      layout.keyTemplate.find("[md5]") == std::string::npos)
    return;
  std::vector<Look> looks;
  for (const std::string& file : files)
    if (Look look = lookAt(file); look.isDigest && (look.above || !layout.keyTemplate.empty()))
      looks.push_back(std::move(look));
  if (layout.rawFilePaths && !looks.empty())
    refuse(baseDir, "its files are named by MD5 digests", guess(looks));
  if (layout.rawFilePaths || files.empty()) return;
  if (looks.empty())
    refuse(baseDir, "its files are named by paths, as " + files.front(),
           {{"raw_file_paths", true}});
  for (const Look& look : looks)
    if (layout.keyTemplate.empty() && !fits(layout, *look.above))
      refuse(baseDir,
             "its files lie below " + (look.above->empty() ? "no other folder" : *look.above),
             guess(looks));
}

}  // namespace hexpage
