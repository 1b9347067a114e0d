#include "filesystem/file_layout.hpp"

#include <boost/filesystem.hpp>
#include <fstream>
#include <hexpage/error.hpp>
#include <sstream>

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

enum class Look { Digest, Raw };

// Names like 9b/c6/5c/9bc65c2abec141778ffaa729489f3e87.json are the MD5 layout's.
Look lookOf(const std::string& file, const FileLayout& layout) {
  const std::size_t slash = file.rfind('/');
  const std::string name = file.substr(slash == std::string::npos ? 0 : slash + 1);
  if (name.size() != 37 || !isHex(name.substr(0, 32))) return Look::Raw;
  if (!layout.keyTemplate.empty()) return Look::Digest;
  const std::string folders =
      name.substr(0, 2) + "/" + name.substr(2, 2) + "/" + name.substr(4, 2) + "/" + name;
  return file == folders || file.ends_with("/" + folders) ? Look::Digest : Look::Raw;
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

// The recorded layout, if there is one.
std::optional<Json> recordedLayout(const std::string& baseDir) {
  const std::string file = baseDir + "/.hexpage/layout.json";
  std::ifstream in(file);
  if (!in) return std::nullopt;
  std::ostringstream text;
  text << in.rdbuf();
  Json recorded = Json::parse(text.str(), nullptr, false);
  if (!recorded.is_object() || !recorded.contains("format"))
    throw Error(Code::Corrupt, file + ": not the layout record that hexpage writes");
  if (recorded["format"] != 1)
    throw Error(Code::InvalidArgument, file + ": format " + recorded["format"].dump() +
                                           " is of a newer hexpage; this one knows format 1");
  recorded.erase("format");
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

void checkLayout(const std::string& baseDir, const FileLayout& layout) {
  if (const auto recorded = recordedLayout(baseDir)) {
    if (*recorded != layout.toJson()) refuse(baseDir, "hexpage has recorded it", *recorded);
    return;
  }
  const std::vector<std::string> files = someFiles(baseDir);
  // A template without the digest names files as it likes: nothing can be told by looking.
  if (!layout.rawFilePaths && !layout.keyTemplate.empty() &&
      layout.keyTemplate.find("[md5]") == std::string::npos)
    return;
  std::size_t digests = 0;
  for (const std::string& file : files) digests += lookOf(file, layout) == Look::Digest;
  if (layout.rawFilePaths && digests > 0)
    refuse(baseDir, "its files are named by MD5 digests", {{"raw_file_paths", false}});
  if (!layout.rawFilePaths && !files.empty() && digests == 0)
    refuse(baseDir, "its files are named by paths, as " + files.front(),
           {{"raw_file_paths", true}});
}

}  // namespace hexpage
