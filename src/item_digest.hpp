// A digest of items that does not depend on their order, to compare what two stores hold.
#pragma once

#include <cstdint>
#include <hexpage/types.hpp>

namespace hexpage {

class View;

// Of two sets of items that differ it is the same with a chance of one in 2^128, unless somebody
// makes them for that. White space between the tokens of a document does not count: a store may lay
// it out for people.
struct ItemDigest {
  std::uint64_t items = 0;
  std::uint64_t low = 0;  // sums of two checksums of each item
  std::uint64_t high = 0;

  // Gives what the item adds to `low`.
  std::uint64_t add(const Item& item);

  friend bool operator==(const ItemDigest&, const ItemDigest&) = default;
};

// Of a hash. Nobody writes to it meanwhile.
ItemDigest digestOf(View& view, const std::string& path);

}  // namespace hexpage
