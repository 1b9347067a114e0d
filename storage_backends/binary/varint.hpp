// Numbers of seven bits a byte, the low ones first; the top bit says that more follow.
#pragma once

#include <cstdint>

namespace hexpage::kv {

inline constexpr std::size_t kMaxVarintBytes = 10;

// Writes at `out` and returns where it ended.
inline char* writeVarint(char* out, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) *out++ = static_cast<char>(value | 0x80);
  *out++ = static_cast<char>(value);
  return out;
}

inline std::size_t varintBytes(std::uint64_t value) {
  std::size_t bytes = 1;
  for (; value >= 0x80; value >>= 7) ++bytes;
  return bytes;
}

// Reads at `at` and returns where it ended, nullptr when that is not before `end`.
inline const char* readVarint(const char* at, const char* end, std::uint64_t& value) {
  if (end - at >= 2) {  // nearly all have one or two bytes
    const auto first = static_cast<unsigned char>(at[0]),
               second = static_cast<unsigned char>(at[1]);
    value = first;
    if (first < 0x80) return at + 1;
    value = (first & 0x7Fu) | std::uint64_t{second} << 7;
    if (second < 0x80) return at + 2;
  }
  value = 0;
  for (unsigned shift = 0; at != end && shift < 64; shift += 7) {
    const auto byte = static_cast<unsigned char>(*at++);
    value |= std::uint64_t{byte & 0x7Fu} << shift;
    if (byte < 0x80) return at;
  }
  return nullptr;
}

}  // namespace hexpage::kv
