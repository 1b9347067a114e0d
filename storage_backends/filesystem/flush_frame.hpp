// What a Flush frame and its companions say, as bytes. A Flush holds the whole new content of each
// record that it places, so that it can be done again from the frame alone.
//
//   flush   =  version(1 byte, 1)  stamp(8)  coversUpTo(varint)  covers  told  count(varint) write*
//              then the texts of the writes, one behind the other
//   covers  =  count(varint)  { journal(varint)  turn(8)  upTo(varint) }*
//   write   =  kind(1 byte; + 128: is named; + 64: has children; + 32: tells what it replaces)
//              path  [ children(2) ]  { length of the text(varint) | path | }  [ replaced ]
//   replaced = inode(varint; 0: nothing)  { modified(8)  size(varint) | }
//   placed  =  stamp(8)
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "paged/record_store.hpp"

namespace hexpage {

// The frames of a dead process's journal, up to a position, are taken over.
struct Covered {
  std::uint32_t journal = 0;
  std::uint64_t turn = 0;
  std::uint64_t upTo = 0;  // an offset in that turn

  friend bool operator==(const Covered&, const Covered&) = default;
};

struct FlushHead {
  std::uint64_t stamp = 0;
  // Batches of this journal before this offset in the frame's own turn, and of the turns before,
  // are in the writes.
  std::uint64_t coversUpTo = 0;
  std::vector<Covered> covered{};
  std::string told{};  // what it does that no Batch frame tells, as the body of one; "": nothing
};

struct FlushFrame : FlushHead {
  std::vector<RecordWrite> writes;
};

// A frame's body in parts, ready for Journal::append. The texts are views into the writes.
class FlushParts {
 public:
  FlushParts(const FlushHead& head, std::span<const RecordWrite> writes);
  explicit FlushParts(const FlushFrame& frame) : FlushParts(frame, frame.writes) {}
  FlushParts(const FlushParts&) = delete;
  FlushParts& operator=(const FlushParts&) = delete;

  std::span<const std::string_view> parts() const& { return parts_; }
  std::span<const std::string_view> parts() && = delete;
  // Bytes of all of them.
  std::uint64_t size() const { return size_; }

 private:
  std::string head_;
  std::vector<std::string_view> parts_;
  std::uint64_t size_ = 0;
};

// These throw Corrupt for anything that was not encoded here.
FlushFrame decodeFlush(std::string_view body);
FlushHead decodeFlushHead(std::string_view body);  // looks no further

std::string encodePlaced(std::uint64_t stamp);
std::uint64_t decodePlaced(std::string_view body);

// The body of a Covers frame: version(1 byte, 1)  covers
std::string encodeCovers(std::span<const Covered> covered);
std::vector<Covered> decodeCovers(std::string_view body);

}  // namespace hexpage
