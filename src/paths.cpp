#include "paths.hpp"

#include <algorithm>
#include <array>
#include <hexpage/error.hpp>

namespace hexpage {
namespace {

bool isUpper(char c) { return c >= 'A' && c <= 'Z'; }
bool isWord(char c) {
  return (c >= 'a' && c <= 'z') || isUpper(c) || (c >= '0' && c <= '9') || c == '_';
}
bool isKept(char c) { return isWord(c) || c == '.' || c == '-' || c == '/'; }

[[noreturn]] void refuse(std::string_view named, const std::string& why) {
  constexpr std::size_t kShown = 80;
  const std::string shown =
      named.size() > kShown ? std::string(named.substr(0, kShown)) + "..." : std::string(named);
  throw Error(Code::InvalidArgument, "bad path \"" + shown + "\": " + why);
}

// Lower case letters, digits, _ and -.
constexpr std::array<bool, 256> kPlain = [] {
  std::array<bool, 256> plain{};
  for (int c = 'a'; c <= 'z'; ++c) plain[static_cast<std::size_t>(c)] = true;
  for (int c = '0'; c <= '9'; ++c) plain[static_cast<std::size_t>(c)] = true;
  plain['_'] = plain['-'] = true;
  return plain;
}();

// Without the '/' at either end being dropped.
std::string collapsed(std::string_view named, bool lowerCase) {
  std::string path;
  path.reserve(named.size());
  for (const char c : named) {
    if (static_cast<unsigned char>(c) >= 0x80) refuse(named, "it has a character outside ASCII");
    if (!isKept(c) || (c == '/' && !path.empty() && path.back() == '/')) continue;
    path += lowerCase && isUpper(c) ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return path;
}

void checkSegments(std::string_view named, std::string_view path) {
  for (std::size_t begin = 0; begin <= path.size();) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    const std::string_view segment = path.substr(begin, end - begin);
    if (segment.starts_with('.')) refuse(named, "a segment begins with '.'");
    if (end < path.size() && segment.ends_with(".json"))
      refuse(named, "a segment ends in .json, as the files of records do");
    if (segment.size() > kMaxSegment)
      refuse(named, "a segment is longer than " + std::to_string(kMaxSegment) +
                        " characters, too long for a file name");
    begin = end + 1;
  }
}

// The reference takes such a path for a binary record: /\.\w+$/
bool endsInExtension(std::string_view path) {
  std::size_t at = path.size();
  while (at > 0 && isWord(path[at - 1])) --at;
  return at > 0 && at < path.size() && path[at - 1] == '.';
}

}  // namespace

bool isPlainPath(std::string_view named) {
  if (named.empty() || named.size() > kMaxSegment || named.back() == '/') return false;
  bool isAtSlash = true;  // one at the beginning would be dropped
  for (const char c : named) {
    if (kPlain[static_cast<unsigned char>(c)]) {
      isAtSlash = false;
    } else {
      if (c != '/' || isAtSlash) return false;
      isAtSlash = true;
    }
  }
  return true;
}

std::string checkedPath(std::string_view named, bool lowerCase) {
  if (isPlainPath(named)) return std::string(named);
  std::string path = collapsed(named, lowerCase);
  if (path.starts_with('/')) path.erase(0, 1);
  if (path.ends_with('/')) path.pop_back();
  if (path.empty()) refuse(named, "nothing is left of it; letters, digits and _ . - / are kept");
  if (path.size() > kMaxPath)
    refuse(named, "it is longer than " + std::to_string(kMaxPath) + " characters");
  checkSegments(named, path);
  if (endsInExtension(path))
    refuse(named, "it ends in an extension, which names a binary record in this layout");
  return path;
}

void requireSamePath(const std::string& path, bool lowerCase) {
  if (checkedPath(path, lowerCase) != path)
    throw Error(Code::InvalidArgument, "the store would keep " + path +
                                           " under another path; give it \"lower_case_keys\": "
                                           "false");
}

std::string normalisedPrefix(std::string_view named, bool lowerCase) {
  std::string path = collapsed(named, lowerCase);
  if (path.starts_with('/')) path.erase(0, 1);
  return path;
}

}  // namespace hexpage
