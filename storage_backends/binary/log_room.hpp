// How much of the disk the log takes. What adds to a store leaves room for removals, and these
// leave room for a compaction: so a store that has filled its disk can always be made smaller. Of a
// small disk the log takes small segments, so that a compaction needs little.
#pragma once

#include <cstdint>
#include <string>

#include "filesystem/disk_room.hpp"

namespace hexpage::kv {

enum class Use : std::uint8_t { Growth, Removal, Compaction };

// Any thread.
class LogRoom {
 public:
  // At most `segmentBytes` for a segment. The directory stays open; messages name it by `path`.
  LogRoom(int directory, std::string path, std::uint64_t segmentBytes);

  // Of a segment that begins now.
  std::uint64_t segmentBytes() const;
  // Whether so many bytes more leave what the others need.
  bool has(std::uint64_t bytes, Use use) const;
  // Throws NoSpace when not.
  void require(std::uint64_t bytes, Use use) const;
  std::uint64_t freeBytes() const { return disk().bytes; }

 private:
  DiskRoom disk() const { return diskRoom(directory_, path_); }
  std::uint64_t segmentBytesOn(const DiskRoom& disk) const;

  const int directory_;
  const std::string path_;
  const std::uint64_t mostSegmentBytes_;
};

}  // namespace hexpage::kv
