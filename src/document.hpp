// Documents as they come from a store.
#pragma once

#include <hexpage/types.hpp>
#include <string_view>

namespace hexpage {

// Parses a document that is stored, perhaps by another program: half of a surrogate pair becomes
// U+FFFD. Throws InvalidArgument for what no Json can hold, as 1e400 is.
Json parseStored(std::string_view text);

// The same for one of the hash or record `where`: throws Corrupt that names it.
Json stored(std::string_view where, std::string_view text);

}  // namespace hexpage
