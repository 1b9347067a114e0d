// Documents as the command line takes and shows them.
#pragma once

#include <hexpage/types.hpp>
#include <string>
#include <string_view>

namespace hexpage::cli {

// A JSON word of the command line; "-" reads all of stdin instead. Checked and without white space;
// numbers keep their spelling. Throws InvalidArgument when it is no document.
std::string documentFrom(const std::string& word);

// {"key":...,"value":...} on one line.
std::string itemLine(std::string_view key, std::string_view text);
// The same, and when the item expires if it does: {...,"expires":1700000000000}, as in Item.
std::string itemLine(const Item& item);

}  // namespace hexpage::cli
