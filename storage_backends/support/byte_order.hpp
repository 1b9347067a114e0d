// Numbers of a fixed size in files: little endian whatever the machine.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>

namespace hexpage {

template <class Number>
Number littleEndian(Number value) {
  if constexpr (std::endian::native == std::endian::big) {
    Number swapped = 0;
    for (std::size_t i = 0; i < sizeof value; ++i)
      swapped = static_cast<Number>(swapped << 8 | (value >> (8 * i) & 0xFF));
    return swapped;
  } else {
    return value;
  }
}

template <class Number>
void store(char* out, Number value) {
  value = littleEndian(value);
  std::memcpy(out, &value, sizeof value);
}

template <class Number>
Number load(const char* at) {
  Number value;
  std::memcpy(&value, at, sizeof value);
  return littleEndian(value);
}

template <class Number>
void put(std::string& out, Number value) {
  char bytes[sizeof value];
  store(bytes, value);
  out.append(bytes, sizeof bytes);
}

}  // namespace hexpage
