// The MD5 digest that places a key in the page tree, as the reference does: over the key's UTF-8
// bytes, in lower-case hex. It is placement only, never identity: keys are compared themselves.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace hexpage {

class Digest {
 public:
  static constexpr std::size_t kDigits = 32;

  // Throws Error{Io} where OpenSSL refuses MD5.
  static Digest of(std::string_view key);

  // The n-th hex digit as a number, 0 to 15.
  unsigned digit(std::size_t n) const {
    return n % 2 == 0 ? bytes_[n / 2] >> 4 : bytes_[n / 2] & 15;
  }
  std::string hex(std::size_t digits = kDigits) const;

  friend auto operator<=>(const Digest&, const Digest&) = default;

 private:
  std::array<unsigned char, 16> bytes_{};
};

// 0 to 15 as a lower-case hex digit.
constexpr char hexDigit(unsigned n) { return "0123456789abcdef"[n]; }

}  // namespace hexpage
