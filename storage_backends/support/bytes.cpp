#include "support/bytes.hpp"

#include <hexpage/error.hpp>

namespace hexpage {

void putVarint(std::string& out, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) out += static_cast<char>(value | 0x80);
  out += static_cast<char>(value);
}

void putText(std::string& out, std::string_view text) {
  putVarint(out, text.size());
  out += text;
}

std::size_t varintSize(std::uint64_t value) {
  std::size_t size = 1;
  for (; value >= 0x80; value >>= 7) ++size;
  return size;
}

std::uint8_t ByteReader::byte() { return static_cast<std::uint8_t>(take(1)[0]); }
std::uint32_t ByteReader::u32() { return load<std::uint32_t>(take(4).data()); }
std::uint64_t ByteReader::u64() { return load<std::uint64_t>(take(8).data()); }

std::uint64_t ByteReader::varint() {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    const std::uint64_t next = byte();
    value |= (next & 0x7f) << shift;
    if (next < 0x80) {
      if (shift == 63 && next > 1) break;
      return value;
    }
  }
  refuse("a number of more than 64 bits");
}

std::string_view ByteReader::take(std::uint64_t size) {
  if (size > left())
    refuse(std::to_string(size) + " bytes are due, " + std::to_string(left()) + " are left");
  const std::string_view taken = bytes_.substr(at_, size);
  at_ += taken.size();
  return taken;
}

void ByteReader::end() const {
  if (left() != 0) refuse(std::to_string(left()) + " bytes too many");
}

void ByteReader::refuse(const std::string& reason) const {
  throw Error(Code::Corrupt,
              std::string(what_) + ": at byte " + std::to_string(at_) + ": " + reason);
}

}  // namespace hexpage
