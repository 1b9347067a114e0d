// Documents as they come from a store.
#pragma once

#include <hexpage/types.hpp>
#include <string_view>

namespace hexpage {

// Parses a document that is stored, perhaps by another program: half of a surrogate pair becomes
// U+FFFD. Throws InvalidArgument for what no Json can hold, as 1e400 is.
Json parseStored(std::string_view text);

// The same for an item of a hash, or with "" as the key a record; what is thrown names it. Corrupt
// for what is no JSON.
Json stored(std::string_view path, std::string_view key, std::string_view text);

}  // namespace hexpage
