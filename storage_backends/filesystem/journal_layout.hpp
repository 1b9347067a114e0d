// The bytes of a journal file: two copies of the header, then frames. docs/format.md shows them.
//
//   file   =  slot 0 at 0, note at 2048, slot 1 at 4096, frames from 8192 on, then zeros
//   slot   =  magic(8)  format(4)  zero(4)  generation(8)  base(8)  checksum(8)
//   note   =  how far the frames are on disk, a position(8)  checksum(8), or anything
//   frame  =  length of the body(4)  kind(1)  session(3)  checksum(8)  body
//
// Little endian. The checksum of a frame covers its place and what came before, so that no frame
// validates that is stale, from another file or moved:
//   checksum(slot)  = XXH3(the 32 bytes before it; seed: identity)
//   checksum(note)  = XXH3(the 8 bytes before it; seed: identity xor generation)
//   checksum(frame) = XXH3(checksum of the frame before or 0 (8), position(8), identity(8),
//                          generation(8), first 8 bytes of the frame, XXH3(body)(8))
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hexpage {

inline constexpr std::uint32_t kJournalFormat = 2;
inline constexpr std::uint64_t kSlotDistance = 4096;  // no torn sector or page has parts of both
inline constexpr std::uint64_t kFramesOffset = 2 * kSlotDistance;
inline constexpr std::size_t kSlotBytes = 40;
inline constexpr std::uint64_t kNoteOffset = 2048;
inline constexpr std::size_t kNoteBytes = 16;
inline constexpr std::size_t kFrameHeaderBytes = 16;

// The frames of one generation follow each other. Positions count the bytes of all generations: the
// first frame of this one begins at `base`.
struct JournalHeader {
  std::uint32_t format = kJournalFormat;
  std::uint64_t generation = 0;
  std::uint64_t base = 0;

  std::string slot(std::uint64_t identity) const;
  // nullopt for anything but a whole slot of this identity; its format may be a newer one.
  static std::optional<JournalHeader> parse(std::string_view slot, std::uint64_t identity);
};

std::string noteOf(std::uint64_t position, std::uint64_t seed);
// nullopt for anything but a whole note of this seed.
std::optional<std::uint64_t> parseNote(std::string_view bytes, std::uint64_t seed);

struct FrameHeader {
  std::uint32_t length = 0;
  std::uint8_t kind = 0;
  std::uint32_t session = 0;  // 24 bits
  std::uint64_t checksum = 0;

  // What stands before the checksum.
  std::uint64_t prefix() const { return length | std::uint64_t{kind | session << 8} << 32; }
  std::array<char, kFrameHeaderBytes> bytes() const;
  static FrameHeader parse(std::string_view bytes);
};

// Where a frame stands: all that its checksum covers beside itself.
struct FramePlace {
  std::uint64_t previous = 0;  // the checksum of the frame before; 0 for the first
  std::uint64_t position = 0;
  std::uint64_t identity = 0;
  std::uint64_t generation = 0;

  std::uint64_t checksum(const FrameHeader& header, std::uint64_t bodyChecksum) const;
};

}  // namespace hexpage
