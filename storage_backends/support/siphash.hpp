// SipHash-1-3 (Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012) with a key drawn
// once per process, so that nobody can choose keys that all fall into one bucket of a table.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <random>
#include <string_view>

namespace hexpage {

struct SipKey {
  std::uint64_t low;
  std::uint64_t high;

  static const SipKey& ofProcess() {
    static const SipKey key = [] {
      std::random_device random;
      const auto word = [&] { return (std::uint64_t{random()} << 32) | random(); };
      return SipKey{word(), word()};
    }();
    return key;
  }
};

inline std::uint64_t sipHash(std::string_view text, const SipKey& key = SipKey::ofProcess()) {
  std::array<std::uint64_t, 4> v{key.low ^ 0x736f6d6570736575, key.high ^ 0x646f72616e646f6d,
                                 key.low ^ 0x6c7967656e657261, key.high ^ 0x7465646279746573};
  const auto round = [&v] {
    v[0] += v[1], v[1] = std::rotl(v[1], 13) ^ v[0], v[0] = std::rotl(v[0], 32);
    v[2] += v[3], v[3] = std::rotl(v[3], 16) ^ v[2];
    v[0] += v[3], v[3] = std::rotl(v[3], 21) ^ v[0];
    v[2] += v[1], v[1] = std::rotl(v[1], 17) ^ v[2], v[2] = std::rotl(v[2], 32);
  };
  const auto absorb = [&](std::uint64_t word) {
    v[3] ^= word;
    round();
    v[0] ^= word;
  };
  std::size_t at = 0;
  for (; at + 8 <= text.size(); at += 8) {
    std::uint64_t word;
    std::memcpy(&word, text.data() + at, 8);
    absorb(word);
  }
  std::uint64_t last = std::uint64_t{text.size()} << 56;
  std::memcpy(&last, text.data() + at, text.size() - at);
  absorb(last | std::uint64_t{text.size()} << 56);
  v[2] ^= 0xff;
  round(), round(), round();
  return v[0] ^ v[1] ^ v[2] ^ v[3];
}

}  // namespace hexpage
