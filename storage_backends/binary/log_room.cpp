#include "binary/log_room.hpp"

#include <algorithm>
#include <cerrno>
#include <hexpage/error.hpp>

namespace hexpage::kv {
namespace {

constexpr std::uint64_t kShare = 64;  // of the disk, a segment
constexpr std::uint64_t kLeastSegment = std::uint64_t{16} << 10;
constexpr std::uint64_t kBlock = 4096;
// A compaction moves a segment's records into two others, of whose last blocks some is empty, and
// appends a mark.
constexpr std::uint64_t kBesideMoved = 4 * kBlock;

}  // namespace

LogRoom::LogRoom(int directory, std::string path, std::uint64_t segmentBytes)
    : directory_(directory), path_(std::move(path)), mostSegmentBytes_(segmentBytes) {}

std::uint64_t LogRoom::segmentBytesOn(const DiskRoom& disk) const {
  const std::uint64_t share = disk.allBytes / kShare / kBlock * kBlock;
  return std::min(std::max(share, kLeastSegment), mostSegmentBytes_);
}

std::uint64_t LogRoom::segmentBytes() const { return segmentBytesOn(disk()); }

bool LogRoom::has(std::uint64_t bytes, Use use) const {
  if (use == Use::Compaction) return true;
  const DiskRoom now = disk();
  const std::uint64_t compaction = segmentBytesOn(now) + kBesideMoved;
  return now.bytes >= bytes + (use == Use::Growth ? 2 : 1) * compaction;
}

void LogRoom::require(std::uint64_t bytes, Use use) const {
  if (has(bytes, use)) return;
  throw Error(
      Code::NoSpace,
      path_ + ": No space left on device: of what is free, the rest is kept for " +
          (use == Use::Growth ? "removals; free some, or remove items" : "compactions; free some"),
      ENOSPC);
}

}  // namespace hexpage::kv
