// What stands at each path, in tree 0 of the store: `path` -> a hash, whose items are in a tree of
// its own, or a plain record. How long a hash is the engine counts: it is not written down.
#pragma once

#include <cstdint>
#include <hexpage/kv.hpp>
#include <hexpage/types.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "binary/varint.hpp"
#include "support/structure.hpp"

namespace hexpage {

inline constexpr kv::TreeId kCatalogue = 0;

// Keys in it that are no paths, none of which begins with '/'.
inline constexpr std::string_view kListsKey = "/lists";  // see path_lists.hpp
inline constexpr std::string_view kStoreKey = "/store";  // see store_record.hpp
inline bool isPath(std::string_view key) { return !key.starts_with('/'); }

struct CatalogueEntry {
  Kind kind = Kind::None;
  kv::TreeId items = 0;  // the tree of a hash
  kv::TreeId due = 0;    // see due_times.hpp; 0: none of its items ever expires
  std::string text{};    // of the header or of the record
};

// As bytes: 'h', the tree as a varint, the header's text; the same with 'e' and both trees; or 'r'
// and the record's text.
std::string encodeEntry(const CatalogueEntry& entry);
// Throws Corrupt that has the path.
CatalogueEntry decodeEntry(std::string_view bytes, std::string_view path);

// The tree of the hash that an entry is of; nullopt for a record. Copies nothing.
std::optional<kv::TreeId> itemsOf(std::string_view bytes, std::string_view path);

CatalogueEntry entryAt(const kv::View& view, std::string_view path);
// The tree of the hash; nullopt when there is none. Copies nothing.
std::optional<kv::TreeId> itemsAt(const kv::View& view, std::string_view path);

// What the log notes of the removal of an item whose time had come.
inline constexpr std::string_view kExpiredNote = "x";

// An item's value in its tree: when it expires, as a varint, and its text.
struct StoredItem {
  Expires expires = 0;
  std::string_view text{};  // into the value
};
// Throws Corrupt that has the path.
StoredItem decodeItem(std::string_view value, std::string_view path);

// An item to be set, whose text stays where it is.
class ItemToSet {
 public:
  ItemToSet(std::string_view text, Expires expires)
      : timeEnd_(kv::writeVarint(time_, static_cast<std::uint64_t>(expires))), text_(text) {}
  ItemToSet(const ItemToSet&) = delete;
  ItemToSet& operator=(const ItemToSet&) = delete;

  // Holds as long as this and the text.
  kv::Pieces value() const { return {{time_, timeEnd_}, text_}; }

 private:
  char time_[kv::kMaxVarintBytes];
  const char* timeEnd_;
  std::string_view text_;
};

}  // namespace hexpage
