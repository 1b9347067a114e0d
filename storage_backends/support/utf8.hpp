// Whether a text is UTF-8. Most keys and many documents are a few characters of ASCII.
#pragma once

#include <simdjson.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace hexpage {

inline bool isAscii(std::string_view text) {
  constexpr std::uint64_t kHighs = 0x8080808080808080;
  std::size_t at = 0;
  for (; at + 8 <= text.size(); at += 8) {
    std::uint64_t eight;
    std::memcpy(&eight, text.data() + at, 8);
    if (eight & kHighs) return false;
  }
  for (; at < text.size(); ++at)
    if (static_cast<unsigned char>(text[at]) >= 0x80) return false;
  return true;
}

inline bool isUtf8(std::string_view text) {
  constexpr std::size_t kShort = 64;  // where getting simdjson going would cost more
  if (text.size() <= kShort && isAscii(text)) return true;
  return simdjson::validate_utf8(text.data(), text.size());
}

}  // namespace hexpage
