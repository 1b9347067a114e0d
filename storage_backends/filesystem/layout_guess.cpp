#include "filesystem/layout_guess.hpp"

#include <algorithm>
#include <map>
#include <string_view>
#include <tuple>
#include <utility>

#include "support/digest.hpp"

namespace hexpage {
namespace {

constexpr std::string_view kExtension = ".json", kKey = "[key]", kMd5 = "[md5]";
constexpr std::string_view kWithoutTemplate = "##/##/##/[md5]";

// So many digits in the folders of files are no chance.
constexpr std::size_t kDigitsThatTell = 6;

std::string_view patternOf(const FileLayout& layout) {
  return layout.keyTemplate.empty() ? kWithoutTemplate : std::string_view(layout.keyTemplate);
}

std::size_t digitsIn(std::string_view pattern) {
  return static_cast<std::size_t>(std::count(pattern.begin(), pattern.end(), '#'));
}

bool isHex(std::string_view text) {
  return text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

// Where the variable parts of a pattern lie in a name that it made.
struct Places {
  std::size_t fixed = 0;  // characters but for the path
  std::size_t paths = 0;  // how often the path is there
  std::optional<std::size_t> path, md5;
};

Places placesIn(std::string_view pattern) {
  Places places;
  std::size_t digits = 0;
  while (!pattern.empty()) {
    if (pattern.starts_with(kKey)) {
      if (places.paths++ == 0) places.path = places.fixed;
      pattern.remove_prefix(kKey.size());
    } else if (pattern.starts_with(kMd5)) {
      if (!places.md5) places.md5 = places.fixed;
      places.fixed += Digest::kDigits;
      pattern.remove_prefix(kMd5.size());
    } else {
      if (pattern.front() != '#' || digits++ < Digest::kDigits) ++places.fixed;
      pattern.remove_prefix(1);
    }
  }
  return places;
}

// Takes the text up to and with the first '/' off; "" when there is none.
std::string_view takeFolder(std::string_view& text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return "";
  const std::string_view folder = text.substr(0, slash);
  text.remove_prefix(slash + 1);
  return folder;
}

bool couldName(const FileLayout& layout, const std::string& file) {
  std::string_view name = file;
  if (!name.ends_with(kExtension)) return false;
  name.remove_suffix(kExtension.size());
  const std::string prefix = layout.keyPrefix.empty() ? "" : layout.keyPrefix + "/";
  if (!name.starts_with(prefix)) return false;
  name.remove_prefix(prefix.size());
  const std::string_view nameSpace = layout.keyNamespaces ? takeFolder(name) : "";
  const Places places = placesIn(patternOf(layout));
  if (name.size() < places.fixed) return false;
  const std::size_t pathSizes = name.size() - places.fixed;
  if (!places.path)  // then any path of the namespace will do
    return pathSizes == 0 && places.md5 &&
           layout.digestFileOf(nameSpace, std::string(name.substr(*places.md5, Digest::kDigits))) ==
               file;
  const std::string_view path = name.substr(*places.path, pathSizes / places.paths);
  return layout.digestFileOf(path, Digest::of(path).hex()) == file;
}

// A file whose last folders are the first digits of the digest that its name holds, or of the path
// that its name is.
struct Look {
  std::string above;    // the folders before those, with their last '/'
  std::string pattern;  // "##/##/[key]"
  std::string md5;
  std::string path;  // "" where only its digest is known
};

// With the folders that lead to the name, as far as they are digits of the digest.
std::optional<Look> lookAt(std::string_view folders, std::string_view name, std::string_view tail,
                           const std::string& md5) {
  for (std::string_view digits = folders; !digits.empty(); takeFolder(digits)) {
    std::string plain, pattern;
    for (const char c : digits) {
      if (c != '/') plain += c;
      pattern += c == '/' ? '/' : '#';
    }
    if (!isHex(plain) || !md5.starts_with(plain)) continue;
    return Look{std::string(folders.substr(0, folders.size() - digits.size())),
                pattern + std::string(tail), md5, tail == kKey ? std::string(name) : ""};
  }
  return std::nullopt;
}

// The look with the most digits.
std::optional<Look> lookAt(std::string_view file) {
  file.remove_suffix(kExtension.size());
  const std::string_view last = file.substr(file.rfind('/') + 1);
  if (last.size() == Digest::kDigits && isHex(last))
    return lookAt(file.substr(0, file.size() - last.size()), last, kMd5, std::string(last));
  std::optional<Look> best;
  for (std::size_t slash = file.find('/'); slash != std::string_view::npos;
       slash = file.find('/', slash + 1)) {
    const std::string_view path = file.substr(slash + 1);
    auto look = lookAt(file.substr(0, slash + 1), path, kKey, Digest::of(path).hex());
    if (look && (!best || digitsIn(look->pattern) > digitsIn(best->pattern)))
      best = std::move(look);
  }
  return best;
}

FileLayout layoutOf(const Look& look, std::string above, bool namespaces) {
  FileLayout layout;
  layout.rawFilePaths = false;
  if (!above.empty()) above.pop_back();
  layout.keyPrefix = std::move(above);
  layout.keyNamespaces = namespaces;
  if (look.pattern != kWithoutTemplate) layout.keyTemplate = look.pattern;
  return layout;
}

// Layouts that name some of the files, by their text.
class Guesses {
 public:
  // The folder above may be a namespace. A path tells, but a digest only that of the record of that
  // very name.
  void add(const Look& look) {
    const std::string& above = look.above;
    if (above.empty()) return add(layoutOf(look, "", false), false);
    const std::size_t begin = above.rfind('/', above.size() - 2) + 1;  // 0 when there is none
    const std::string last = above.substr(begin, above.size() - begin - 1);
    const bool isNamespace = look.path.empty()
                                 ? Digest::of(last).hex() == look.md5
                                 : look.path == last || look.path.starts_with(last + "/");
    add(layoutOf(look, above, false), false);
    if (isNamespace || look.path.empty())
      add(layoutOf(look, above.substr(0, begin), true), isNamespace);
  }

  // The one that names the most files. Where a prefix and a namespace name as many, the namespace
  // has to have shown itself.
  std::optional<FileLayout> best(const std::vector<std::string>& files) const {
    std::optional<FileLayout> best;
    std::tuple<std::size_t, bool, bool> rank;
    for (const auto& [text, guess] : guesses_) {
      const auto& [layout, isTold] = guess;
      const std::tuple next(countNamed(layout, files), isTold, !layout.keyNamespaces);
      if (!best || next > rank) best = layout, rank = next;
    }
    return best;
  }

 private:
  void add(const FileLayout& layout, bool isTold) {
    const auto [guess, isNew] = guesses_.try_emplace(layout.toJson().dump(), layout, isTold);
    guess->second.second |= isTold;
  }

  std::map<std::string, std::pair<FileLayout, bool>> guesses_;
};

}  // namespace

std::size_t countNamed(const FileLayout& layout, const std::vector<std::string>& files) {
  return static_cast<std::size_t>(
      std::count_if(files.begin(), files.end(),
                    [&](const std::string& file) { return couldName(layout, file); }));
}

std::optional<FileLayout> guessDigestLayout(const std::vector<std::string>& files) {
  Guesses guesses;
  for (const std::string& file : files)
    if (const auto look = lookAt(file)) guesses.add(*look);
  auto best = guesses.best(files);
  if (!best) return std::nullopt;
  // Paths may look like digests by chance, but not most of them.
  const std::size_t named = countNamed(*best, files);
  const bool isSure = best->keyTemplate.empty() || 2 * named > files.size();
  if (!isSure || named * digitsIn(patternOf(*best)) < kDigitsThatTell) return std::nullopt;
  return best;
}

}  // namespace hexpage
