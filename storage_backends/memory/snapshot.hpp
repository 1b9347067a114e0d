// The snapshot of a store in memory: what it holds, in one file that is replaced whole.
//
//   file   = "hexpage snapshot" version(u32) frame*
//   frame  = size(u32) checksum(u64) content        the checksum is seeded with the frame's number
//   content = 1 table(varint) path header           a hash and the text of its header
//           | 2 path text                           a plain record
//           | 3 table(varint) items(varint) { key text expires(varint) }
//           | 4 hashes(varint) records(varint) items(varint)      the end: how many there were
//
// Numbers and texts are as in support/bytes.hpp. Hashes and records come first, then items, some at
// a time. A table's number means something within its file only; items of one that is not named
// belong to nothing.
#pragma once

#include <cstdint>
#include <functional>
#include <hexpage/types.hpp>
#include <string>
#include <string_view>

#include "support/fd.hpp"

namespace hexpage {

class Segment;

std::string hashFrame(std::uint64_t table, std::string_view path, std::string_view header);
std::string recordFrame(std::string_view path, std::string_view text);
std::string itemsFrame(std::uint64_t table, const Segment& segment);

// Where a snapshot lies.
struct SnapshotPlace {
  explicit SnapshotPlace(const std::string& file);  // throws Io when its directory is not there

  std::string path;  // as it was named, for messages
  std::string name;  // in the directory
  Fd directory;
};

// Writes a new snapshot beside the old one, which stays until finish() has made the new one durable
// and put it in its place. One that is not finished leaves nothing.
class SnapshotWriter {
 public:
  explicit SnapshotWriter(const SnapshotPlace& place);
  ~SnapshotWriter();
  SnapshotWriter(const SnapshotWriter&) = delete;
  SnapshotWriter& operator=(const SnapshotWriter&) = delete;

  void add(std::string_view content);
  void finish();  // writes the end, too

 private:
  void count(std::string_view content);
  void flush();

  const SnapshotPlace& place_;
  const std::string newName_;
  const std::string newPath_;  // for messages
  Fd fd_;
  std::string buffer_;
  std::uint64_t written_ = 0;
  std::uint64_t frames_ = 0;
  std::uint64_t hashes_ = 0, records_ = 0, items_ = 0;
  bool isFinished_ = false;
};

// What is found in a snapshot.
struct SnapshotVisitor {
  std::function<void(std::uint64_t table, std::string_view path, std::string_view header)> hash;
  std::function<void(std::string_view path, std::string_view text)> record;
  std::function<void(std::uint64_t table, std::string_view key, std::string_view text, Expires)>
      item;
};

// Nothing happens when there is no snapshot. Throws Corrupt, with the place, for one that is
// damaged or ends early; what was visited before is then worth nothing.
void readSnapshot(const SnapshotPlace& place, const SnapshotVisitor& visit);

}  // namespace hexpage
