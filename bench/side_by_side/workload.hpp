// What both sides of the comparison store and ask for. workload.js is the same for Node: change
// both.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <hexpage/types.hpp>
#include <string>
#include <vector>

namespace hexpage::bench {

inline std::string keyOf(std::size_t i) {
  const std::string digits = std::to_string(i);
  return "user" + std::string(digits.size() < 6 ? 6 - digits.size() : 0, '0') + digits;
}

// About 100 bytes as text.
inline Json documentOf(std::size_t i) {
  static constexpr std::array kCities = {"Bonn", "Kyoto", "Lagos", "Lima",
                                         "Oslo", "Perth", "Quito", "Sofia"};
  return {{"id", i},
          {"name", "User " + std::to_string(i)},
          {"email", keyOf(i) + "@example.org"},
          {"city", kCities[i % kCities.size()]},
          {"score", i * 7919 % 1000}};
}

// The same picks for the same count and limit: xorshift32 from a fixed seed.
inline std::vector<std::size_t> randomPicks(std::size_t count, std::size_t limit) {
  std::vector<std::size_t> picks(count);
  std::uint32_t state = 2463534242;
  for (std::size_t& pick : picks) {
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    pick = state % limit;
  }
  return picks;
}

// `count` different numbers below `limit`, spread over all of it.
inline std::vector<std::size_t> spreadPicks(std::size_t count, std::size_t limit) {
  std::vector<std::size_t> picks(count);
  for (std::size_t i = 0; i < count; ++i) picks[i] = i * limit / count;
  return picks;
}

}  // namespace hexpage::bench
