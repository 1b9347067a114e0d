// What both sides of the comparison store and ask for. workload.js is the same for Node: change
// both.
#pragma once

#include <cstddef>
#include <cstdint>
#include <hexpage/types.hpp>
#include <string>
#include <vector>

namespace hexpage::bench {

// Documents of about 100 bytes under keys of ten.
std::string keyOf(std::size_t i);
Json documentOf(std::size_t i);

// The same picks for the same count and limit: xorshift32 from a fixed seed.
std::vector<std::size_t> randomPicks(std::size_t count, std::size_t limit);

// `count` different numbers below `limit`, spread over all of it.
std::vector<std::size_t> spreadPicks(std::size_t count, std::size_t limit);

}  // namespace hexpage::bench
