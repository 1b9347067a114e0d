// What every engine stores: keys and values that any process can make again from their number.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>
#include <numeric>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace hexpage::bench {

inline std::uint64_t mixed(std::uint64_t x) {
  x += 0x9E37'79B9'7F4A'7C15;
  x = (x ^ x >> 30) * 0xBF58'476D'1CE4'E5B9;
  x = (x ^ x >> 27) * 0x94D0'49BB'1331'11EB;
  return x ^ x >> 31;
}

// Random bytes, so that no engine gains by compressing. The views hold until the next call.
class Data {
 public:
  Data(std::size_t keyBytes, std::size_t valueBytes)
      : keyBytes_(keyBytes),
        valueBytes_(valueBytes),
        key_(keyBytes + 8, 0),
        value_(valueBytes + 8, 0) {}

  std::string_view key(std::uint64_t i) { return fill(key_, keyBytes_, mixed(i)); }
  std::string_view value(std::uint64_t i, std::uint64_t version = 0) {
    return fill(value_, valueBytes_, mixed(~i) + version);
  }
  std::size_t keyBytes() const { return keyBytes_; }
  std::size_t valueBytes() const { return valueBytes_; }

 private:
  static std::string_view fill(std::string& text, std::size_t bytes, std::uint64_t seed) {
    for (std::size_t at = 0; at < bytes; at += 8) {
      const std::uint64_t word = mixed(seed + at);
      std::memcpy(text.data() + at, &word, 8);
    }
    return {text.data(), bytes};
  }

  std::size_t keyBytes_, valueBytes_;
  std::string key_, value_;
};

inline std::vector<std::uint32_t> shuffled(std::uint64_t count, std::uint64_t seed) {
  std::vector<std::uint32_t> order(count);
  std::iota(order.begin(), order.end(), 0u);
  std::mt19937_64 random(seed);
  for (std::size_t i = count; i > 1; --i) std::swap(order[i - 1], order[random() % i]);
  return order;
}

// Numbers below `count`, some far more often than others: zipf's law with exponent 0.99, as YCSB
// draws them.
inline std::vector<std::uint32_t> zipf(std::uint64_t count, std::uint64_t draws,
                                       std::uint64_t seed) {
  constexpr double kTheta = 0.99;
  double zeta = 0;
  for (std::uint64_t i = 1; i <= count; ++i) zeta += 1 / std::pow(static_cast<double>(i), kTheta);
  const double zeta2 = 1 + std::pow(0.5, kTheta), n = static_cast<double>(count);
  const double alpha = 1 / (1 - kTheta);
  const double eta = (1 - std::pow(2 / n, 1 - kTheta)) / (1 - zeta2 / zeta);
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> uniform;
  std::vector<std::uint32_t> drawn(draws);
  for (std::uint32_t& number : drawn) {
    const double u = uniform(random), uz = u * zeta;
    const std::uint64_t rank =
        uz < 1       ? 0
        : uz < zeta2 ? 1
                     : static_cast<std::uint64_t>(n * std::pow(eta * u - eta + 1, alpha));
    number = static_cast<std::uint32_t>(mixed(rank) % count);
  }
  return drawn;
}

}  // namespace hexpage::bench
