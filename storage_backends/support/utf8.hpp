// Whether a text is UTF-8. Most keys and many documents are a few characters of ASCII.
#pragma once

#include <simdjson.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace hexpage {

inline bool isAscii(std::string_view text) {
  const auto hasHigh = [&]<class Word>(std::size_t at, Word highs) {
    Word word;
    std::memcpy(&word, text.data() + at, sizeof word);
    return (word & highs) != 0;
  };
  constexpr std::uint64_t kEight = 0x8080808080808080;
  constexpr std::uint32_t kFour = 0x80808080;
  const std::size_t size = text.size();
  if (size >= 8) {
    for (std::size_t at = 0; at + 8 <= size; at += 8)
      if (hasHigh(at, kEight)) return false;
    return !hasHigh(size - 8, kEight);  // some of them again
  }
  if (size >= 4) return !hasHigh(0, kFour) && !hasHigh(size - 4, kFour);
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

inline bool isUtf8(std::string_view text) {
  constexpr std::size_t kShort = 64;  // where getting simdjson going would cost more
  if (text.size() <= kShort && isAscii(text)) return true;
  return simdjson::validate_utf8(text.data(), text.size());
}

}  // namespace hexpage
