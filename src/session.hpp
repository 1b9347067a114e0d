// What every call of the hash API stands on.
#pragma once

#include <hexpage/backend.hpp>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace hexpage {

struct Session {
  std::unique_ptr<Backend> backend;
  std::size_t pageSize = kDefaultPageSize;  // of a hash whose creator names none
  bool lowerCasePaths = true;
  Millis lockTimeout{30'000};

  // The writers' locks of these paths, taken in one fixed order, equal ones once.
  std::vector<Hold> lockForWriting(std::initializer_list<std::string_view> paths);

  // As a caller named it to as it is stored. Throws InvalidArgument that says why.
  std::string path(std::string_view named) const;
  // A prefix of paths: no rule but the normalisation holds for it.
  std::string prefix(std::string_view named) const;
};

// Throws InvalidArgument unless it can name an item.
void checkKey(std::string_view key);

}  // namespace hexpage
