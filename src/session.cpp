#include "session.hpp"

#include <simdjson.h>

#include <algorithm>
#include <hexpage/error.hpp>

#include "paths.hpp"

namespace hexpage {

std::vector<Hold> Session::lockForWriting(std::initializer_list<std::string_view> paths) {
  std::vector<std::string_view> sorted(paths);
  std::sort(sorted.begin(), sorted.end());
  sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
  std::vector<Hold> holds;
  holds.reserve(sorted.size());
  for (const std::string_view path : sorted)
    holds.push_back(backend->locks().acquire(path, LockMode::Exclusive, lockTimeout));
  return holds;
}

std::string Session::path(std::string_view named) const {
  return checkedPath(named, lowerCasePaths);
}

std::string Session::prefix(std::string_view named) const {
  return normalisedPrefix(named, lowerCasePaths);
}

void checkKey(std::string_view key) {
  if (key.empty()) throw Error(Code::InvalidArgument, "a key must not be empty");
  if (key.size() > kMaxKeyBytes)
    throw Error(Code::InvalidArgument, "key of " + std::to_string(key.size()) + " bytes; at most " +
                                           std::to_string(kMaxKeyBytes));
  if (!simdjson::validate_utf8(key.data(), key.size()))
    throw Error(Code::InvalidArgument, "a key must be UTF-8");
}

}  // namespace hexpage
