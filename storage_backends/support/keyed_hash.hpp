// A hash of texts for the tables of this process, by a key that nobody outside knows, so that
// nobody can choose keys that all fall into one bucket. For short texts it costs a few
// multiplications, some of what sipHash() does; it means nothing to another process.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "support/siphash.hpp"

namespace hexpage {

// Both halves of the product.
inline std::uint64_t foldedProduct(std::uint64_t a, std::uint64_t b) {
  __extension__ const auto product = static_cast<unsigned __int128>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

template <class Word>
std::uint64_t wordAt(const char* bytes) {
  Word word;
  std::memcpy(&word, bytes, sizeof word);
  return word;
}

inline std::uint64_t keyedHash(std::string_view text) {
  constexpr std::uint64_t kOdd = 0x9e3779b97f4a7c15;
  const SipKey& key = SipKey::ofProcess();
  const char* at = text.data();
  std::size_t left = text.size();
  std::uint64_t state = key.low;
  for (; left > 16; at += 16, left -= 16)
    state =
        foldedProduct(wordAt<std::uint64_t>(at) ^ state, wordAt<std::uint64_t>(at + 8) ^ key.high);
  std::uint64_t first = 0, last = 0;  // they may overlap: the length counts too, in the end
  if (left >= 8) {
    first = wordAt<std::uint64_t>(at), last = wordAt<std::uint64_t>(at + left - 8);
  } else if (left >= 4) {
    first = wordAt<std::uint32_t>(at), last = wordAt<std::uint32_t>(at + left - 4);
  } else if (left > 0) {
    first = wordAt<std::uint8_t>(at) << 8 | wordAt<std::uint8_t>(at + left / 2);
    last = wordAt<std::uint8_t>(at + left - 1);
  }
  return foldedProduct(foldedProduct(first ^ state, last ^ key.high) ^ key.low, kOdd ^ text.size());
}

// Whether two texts are the same; short ones, as most keys and paths are, without a call.
inline bool areSame(std::string_view a, std::string_view b) {
  const std::size_t size = a.size();
  if (size != b.size()) return false;
  if (size > 16) return std::memcmp(a.data(), b.data(), size) == 0;
  const auto haveSame = [&]<class Word>(Word, std::size_t at) {
    return wordAt<Word>(a.data() + at) == wordAt<Word>(b.data() + at);
  };
  if (size >= 8) return haveSame(std::uint64_t{}, 0) && haveSame(std::uint64_t{}, size - 8);
  if (size >= 4) return haveSame(std::uint32_t{}, 0) && haveSame(std::uint32_t{}, size - 4);
  for (std::size_t at = 0; at < size; ++at)
    if (a[at] != b[at]) return false;
  return true;
}

}  // namespace hexpage
