// Numbers and texts as bytes, for what only hexpage reads: lengths are varints (seven bits a byte,
// the low ones first, the top bit says that more follow), numbers of a fixed size as byte_order.hpp
// has them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "support/byte_order.hpp"

namespace hexpage {

inline void putU32(std::string& out, std::uint32_t value) { put(out, value); }
inline void putU64(std::string& out, std::uint64_t value) { put(out, value); }
void putVarint(std::string& out, std::uint64_t value);
// The length, then the bytes.
void putText(std::string& out, std::string_view text);

// How many bytes putVarint adds.
std::size_t varintSize(std::uint64_t value);

// Takes them out again, in the order in which they were put. Believes nothing: what ends early or
// claims more than there is throws Corrupt, naming `what` and the place.
class ByteReader {
 public:
  // `what` says in errors what the bytes are: "batch".
  ByteReader(std::string_view bytes, std::string_view what) : bytes_(bytes), what_(what) {}

  std::uint8_t byte();
  std::uint32_t u32();
  std::uint64_t u64();
  std::uint64_t varint();
  // Views into the bytes.
  std::string_view text() { return take(varint()); }
  std::string_view take(std::uint64_t size);

  std::size_t left() const { return bytes_.size() - at_; }
  // Throws unless all was taken.
  void end() const;
  [[noreturn]] void refuse(const std::string& reason) const;

 private:
  std::string_view bytes_;
  std::string_view what_;
  std::size_t at_ = 0;
};

}  // namespace hexpage
