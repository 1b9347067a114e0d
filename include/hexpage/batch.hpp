// A Batch is the unit of writing: changes that happen together or not at all. Every change is
// idempotent. So is a batch, applied again in its order, unless a Rename in it moves a hash that
// its other changes touch.
#pragma once

#include <hexpage/types.hpp>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace hexpage {

// Makes an empty hash. `options` is the text of a JSON object, the header's own members; members
// `type` and `length` in it keep their place and get their value from the backend. An existing
// hash stays as it is.
struct Create {
  std::string path;
  std::string options;
};

// Stores a document, replacing the one of the same key and when that expires. The hash must exist
// by then.
struct Put {
  std::string path;
  std::string key;
  std::string text;
  Expires expires = 0;  // not negative
};

// Removes an item. Nothing happens when the key or the hash is not there.
struct Remove {
  std::string path;
  std::string key;
  bool isExpiry = false;  // for who follows the changes: nobody removed it, its time had come
};

// Removes all items and keeps the header. Nothing happens when the hash is not there.
struct Clear {
  std::string path;
};

// Removes the items and the header. Nothing happens when the hash is not there.
struct Drop {
  std::string path;
};

// Moves a hash, replacing the destination wholly, be it a hash or a record. Nothing happens when
// `from` is not there, or is `to`.
struct Rename {
  std::string from;
  std::string to;
};

// Stores a plain record whole. The path must not be a hash.
struct PutRecord {
  std::string path;
  std::string text;
};

// Removes a plain record. Nothing happens when it is not there; the path must not be a hash or
// inside a hash's pages.
struct EraseRecord {
  std::string path;
};

using Change = std::variant<Create, Put, Remove, Clear, Drop, Rename, PutRecord, EraseRecord>;

// Of a rename, where to.
inline const std::string& pathOf(const Change& change) {
  return std::visit(
      [](const auto& c) -> const std::string& {
        if constexpr (requires { c.path; })
          return c.path;
        else
          return c.to;
      },
      change);
}

struct Batch {
  std::vector<Change> changes;

  template <class T>
  Batch& add(T change) {
    changes.emplace_back(std::move(change));
    return *this;
  }
};

}  // namespace hexpage
