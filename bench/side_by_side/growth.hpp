// How the cost of a put grows with the hash that it goes into.
#pragma once

#include <cstddef>
#include <hexpage/types.hpp>
#include <string>

namespace hexpage::bench {

// Fills one hash to `most` keys and on the way, from 10,000 on at each half a power of ten,
// measures puts of new keys and puts that replace. Gives [{"keys", "new_us", "replace_us",
// "worst_us"}].
Json runGrowth(const std::string& directory, std::size_t most);

}  // namespace hexpage::bench
