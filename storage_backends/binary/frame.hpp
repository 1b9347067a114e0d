// A frame is what the log is made of: a header of 16 bytes and a body of records. The checksum is
// tied to the frame's place (the segment's salt and the offset), so that a whole frame in another
// place is none.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace hexpage::kv {

inline constexpr std::size_t kFrameHeaderBytes = 16;
inline constexpr std::uint8_t kFrameMagic = 0xE7;
inline constexpr std::size_t kFrameMagicAt = 4;  // in the header
inline constexpr std::size_t kSealBytes = kFrameHeaderBytes + 8;
// A transaction's records are cut into frames of about this size; a larger record has a frame of
// its own.
inline constexpr std::size_t kFrameBodyTarget = std::size_t{64} << 10;

enum FrameFlag : std::uint8_t {
  kCommit = 1,  // the transaction that this frame ends is whole
  kSeal = 2,    // the segment ends here; the body is the number of the one that goes on
  kMark = 4,    // the body is an LSN: all before it was on disk when this was written
  kMoved = 8,   // a compaction has moved the records here: nothing changed
};

struct FrameHeader {
  std::uint32_t bodyBytes = 0;
  std::uint8_t flags = 0;
  std::uint64_t check = 0;
};

enum class FrameState {
  Whole,
  Empty,  // zeros or the end of the bytes: nothing was written here
  Torn,   // anything else
};

struct Frame {
  FrameState state = FrameState::Empty;
  FrameHeader header;
  std::string_view body;
};

// The checksum of a body can be taken before its place is known.
std::uint64_t bodyHash(std::string_view body);
void writeFrameHeader(char* out, std::uint8_t flags, std::string_view body, std::uint64_t hash,
                      std::uint64_t salt, std::uint64_t offset);
// The same in two steps: all but the check, and then the checks of frames that follow each other,
// the first of which is at `offset`.
void writeFrameHead(char* out, std::uint8_t flags, std::size_t bodyBytes);
void writeChecks(std::string& frames, std::uint64_t salt, std::uint64_t offset);

// The frame that begins where the bytes begin, which is `offset` in its segment.
Frame readFrame(std::string_view bytes, std::uint64_t salt, std::uint64_t offset);
// The same, believing the checksum: for frames that were looked at before.
Frame trustFrame(std::string_view bytes);

}  // namespace hexpage::kv
