// When the items of a hash expire, in order, so that what is due is found without a look at the
// rest. A hash has them from its first item on that expires: their lists stand in a tree of their
// own, which the catalogue names.
#pragma once

#include <hexpage/kv.hpp>
#include <hexpage/types.hpp>
#include <string>
#include <string_view>

#include "binary/ordered_keys.hpp"

namespace hexpage {

struct DueItem {
  Expires expires = 0;
  std::string_view key{};  // of the item
};

// Ordered by time, then by the items' keys; each with this value. `tree` as CatalogueEntry::due.
inline constexpr std::string_view kDueValue = "t";
OrderedKeys dueTimes(kv::TreeId tree);

std::string encodeDue(const DueItem& item);
// Throws Corrupt that has the path.
DueItem decodeDue(std::string_view bytes, std::string_view path);

}  // namespace hexpage
