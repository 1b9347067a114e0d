// Random documents and keys from a seed that the test prints, so that a failure can be run again:
// HEXPAGE_SEED=<the number> chooses it.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <hexpage/types.hpp>
#include <random>
#include <string>

namespace hexpage::testing {

inline std::uint64_t chosenSeed() {
  if (const char* text = std::getenv("HEXPAGE_SEED")) return std::strtoull(text, nullptr, 10);
  return std::random_device{}();
}

class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}

  // 0 to n - 1.
  std::size_t below(std::size_t n) {
    return std::uniform_int_distribution<std::size_t>(0, n - 1)(engine_);
  }
  bool oneIn(std::size_t n) { return below(n) == 0; }

  // One of some 60 short words of many scripts, so that the keys of two calls often are the same.
  std::string word() {
    static const char* const kStems[] = {"k", "10", "é", "😀", "北京", "__proto__", "a/b", "\n"};
    return std::string(kStems[below(8)]) + std::to_string(below(8));
  }

  Json document(std::size_t depth = 3) {
    switch (below(depth == 0 ? 5 : 7)) {
      case 0:
        return nullptr;
      case 1:
        return oneIn(2);
      case 2:
        return static_cast<std::int64_t>(engine_());
      case 3:
        return static_cast<double>(below(1'000'000)) / 64;
      case 4:
        return word() + std::string(below(40), 'x');
      case 5:
        return array(depth - 1);
      default:
        return object(depth - 1);
    }
  }

 private:
  Json array(std::size_t depth) {
    Json array = Json::array();
    for (std::size_t n = below(4); n > 0; --n) array.push_back(document(depth));
    return array;
  }

  Json object(std::size_t depth) {
    Json object = Json::object();
    for (std::size_t n = below(4); n > 0; --n) object[word()] = document(depth);
    return object;
  }

  std::mt19937_64 engine_;
};

}  // namespace hexpage::testing
