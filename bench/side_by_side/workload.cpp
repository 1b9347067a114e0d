#include "workload.hpp"

#include <array>

namespace hexpage::bench {

namespace {

constexpr std::array kCities = {"Bonn", "Kyoto", "Lagos", "Lima",
                                "Oslo", "Perth", "Quito", "Sofia"};

}  // namespace

std::string keyOf(std::size_t i) {
  std::string digits = std::to_string(i);
  return "user" + std::string(digits.size() < 6 ? 6 - digits.size() : 0, '0') + digits;
}

Json documentOf(std::size_t i) {
  return {{"id", i},
          {"name", "User " + std::to_string(i)},
          {"email", keyOf(i) + "@example.org"},
          {"city", kCities[i % kCities.size()]},
          {"score", i * 7919 % 1000}};
}

std::vector<std::size_t> randomPicks(std::size_t count, std::size_t limit) {
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

std::vector<std::size_t> spreadPicks(std::size_t count, std::size_t limit) {
  std::vector<std::size_t> picks(count);
  for (std::size_t i = 0; i < count; ++i) picks[i] = i * limit / count;
  return picks;
}

}  // namespace hexpage::bench
