// Places in the log. An LSN orders everything ever written; an address is what an index slot has
// room for.
#pragma once

#include <cstdint>

namespace hexpage::kv {

// Segment number and offset in one: later is larger.
struct Lsn {
  std::uint64_t value = 0;

  static Lsn of(std::uint64_t segment, std::uint64_t offset) { return {segment << 32 | offset}; }
  std::uint64_t segment() const { return value >> 32; }
  std::uint64_t offset() const { return value & 0xFFFF'FFFF; }

  friend auto operator<=>(const Lsn&, const Lsn&) = default;
};

// 14 bits of the segment's number and 26 of the offset at which a record begins; no two segments
// that exist at once have the same 14 bits. 0 is no address: a segment begins with its header.
using Address = std::uint64_t;

inline constexpr unsigned kAddressBits = 40;
inline constexpr unsigned kOffsetBits = 26;
inline constexpr std::uint64_t kMaxSegments = 1u << (kAddressBits - kOffsetBits);
inline constexpr std::uint64_t kMaxSegmentBytes = 1u << kOffsetBits;

inline std::uint64_t residueOf(std::uint64_t segment) { return segment % kMaxSegments; }
inline Address addressOf(std::uint64_t segment, std::uint64_t offset) {
  return residueOf(segment) << kOffsetBits | offset;
}
inline std::uint64_t residueAt(Address address) { return address >> kOffsetBits; }
inline std::uint64_t offsetAt(Address address) { return address & (kMaxSegmentBytes - 1); }

}  // namespace hexpage::kv
