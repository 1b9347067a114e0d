#include "session.hpp"

#include <simdjson.h>

#include <hexpage/error.hpp>

#include "paths.hpp"

namespace hexpage {

std::vector<Hold> Session::lockForWriting(std::initializer_list<std::string_view> paths) {
  return backend->locks().acquireAll({paths.begin(), paths.size()}, LockMode::Exclusive,
                                     lockTimeout);
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
