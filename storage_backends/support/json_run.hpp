// The characters of a JSON string that need no second look.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace hexpage {

inline bool endsRun(char c) {
  return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20;
}

#ifdef __SSE2__
inline __m128i sixteenAt(const char* bytes) {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes));
}

// With one bit turned `"` is a space, which no other byte is then; it and the control characters
// are the least.
inline __m128i turned(__m128i sixteen) { return _mm_xor_si128(sixteen, _mm_set1_epi8('"' ^ ' ')); }
// Zero where there is a `\`.
inline __m128i pastEscape(__m128i sixteen) { return _mm_xor_si128(sixteen, _mm_set1_epi8('\\')); }
// A bit for each byte where one of them says that a run ends, the lowest for the first.
inline unsigned endsBy(__m128i turned, __m128i pastEscape) {
  const __m128i low = _mm_cmpeq_epi8(_mm_min_epu8(turned, _mm_set1_epi8(' ')), turned);
  const __m128i escape = _mm_cmpeq_epi8(pastEscape, _mm_setzero_si128());
  return static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(low, escape)));
}

inline unsigned endsInSixteen(const char* bytes) {
  const __m128i sixteen = sixteenAt(bytes);
  return endsBy(turned(sixteen), pastEscape(sixteen));
}

inline bool hasEndInSixtyFour(const char* bytes) {
  const auto leastOfFour = [bytes](auto of) {
    return _mm_min_epu8(_mm_min_epu8(of(sixteenAt(bytes)), of(sixteenAt(bytes + 16))),
                        _mm_min_epu8(of(sixteenAt(bytes + 32)), of(sixteenAt(bytes + 48))));
  };
  return endsBy(leastOfFour(turned), leastOfFour(pastEscape)) != 0;
}

// Passes 64 bytes at a time as long as no run ends in them.
inline std::size_t pastSixtyFoursBySse2(std::string_view text, std::size_t at) {
  while (at + 64 <= text.size() && !hasEndInSixtyFour(text.data() + at)) at += 64;
  return at;
}
// The same as fast as the processor can.
std::size_t pastSixtyFours(std::string_view text, std::size_t at);
#endif

// The lowest byte whose high bit is set is the first of the eight that is c, or below 0x20; those
// above it may have it by a borrow.
inline std::uint64_t endsInEight(std::uint64_t eight) {
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  constexpr std::uint64_t kHighs = 0x8080808080808080;
  const auto thatAre = [eight](unsigned char c) {
    const std::uint64_t x = eight ^ (kOnes * c);
    return (x - kOnes) & ~x & kHighs;
  };
  const std::uint64_t controls = (eight - kOnes * 0x20) & ~eight & kHighs;
  return thatAre('"') | thatAre('\\') | controls;
}

// The first of `"`, `\` and control characters from `at` on, or the end.
inline std::size_t endOfRun(std::string_view text, std::size_t at) {
#ifdef __SSE2__
  for (const std::size_t begin = at; at + 16 <= text.size(); at += 16) {
    if (const unsigned ends = endsInSixteen(text.data() + at))
      return at + static_cast<std::size_t>(std::countr_zero(ends));
    if (at != begin) continue;  // most runs are short, and others long
    if (at + 80 <= text.size()) at = pastSixtyFours(text, at + 16) - 16;
  }
#endif
  if constexpr (std::endian::native == std::endian::little) {
    for (; at + 8 <= text.size(); at += 8) {
      std::uint64_t eight;
      std::memcpy(&eight, text.data() + at, 8);
      if (const std::uint64_t ends = endsInEight(eight))
        return at + static_cast<std::size_t>(std::countr_zero(ends)) / 8;
    }
    // The last eight bytes without those that were looked at; the zeros in their place end the run.
    if (text.size() >= 8) {
      std::uint64_t eight;
      std::memcpy(&eight, text.data() + text.size() - 8, 8);
      const std::size_t left = text.size() - at;
      const std::uint64_t ends = endsInEight(left == 0 ? 0 : eight >> (64 - 8 * left));
      return at + static_cast<std::size_t>(std::countr_zero(ends)) / 8;
    }
  }
  while (at < text.size() && !endsRun(text[at])) ++at;
  return at;
}

}  // namespace hexpage
