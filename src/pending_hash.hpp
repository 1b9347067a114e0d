// A hash as an open transaction sees it: the items of a hash of the store with edits over them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>

#include "support/header.hpp"

namespace hexpage {

// What is known of one key.
struct Edit {
  enum class Kind { None, Put, Remove };

  bool isInBase = false;  // whether the hash underneath has the key
  Kind kind = Kind::None;
  std::size_t change = 0;  // where the pending change of a Put or Remove is

  bool isThere() const { return kind == Kind::Put || (kind == Kind::None && isInBase); }
  bool isNew() const { return kind == Kind::Put && !isInBase; }
};

struct PendingHash {
  PendingHash(Header h, std::string basePath) : header(std::move(h)), base(std::move(basePath)) {
    length = header.length();
  }

  Header header;         // its length is brought up to date when it is read
  std::uint64_t length;  // items
  std::string base;      // the hash of the store that has what is not edited; "" for none
  std::map<std::string, Edit, std::less<>> edits;
  // Changes before this place were made when the hash was elsewhere or was another one; they can
  // not be replaced any more.
  std::size_t firstOwnChange = 0;

  Header currentHeader() const {
    Header current = header;
    current.setLength(length);
    return current;
  }
};

}  // namespace hexpage
