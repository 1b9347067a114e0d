// Walks the log's frames from a place on, across segments, up to the first that is not whole.
#pragma once

#include <hexpage/error.hpp>
#include <optional>
#include <string>

#include "binary/frame.hpp"
#include "binary/log.hpp"

namespace hexpage::kv {

class FrameReader {
 public:
  // Looks at nothing from `limit` on. Ends where a segment is missing: it was compacted away with
  // what it erased, or lost with the power. One before `removable` was on disk once, so that it was
  // compacted away: who reads all of the log passes over it.
  FrameReader(const Log& log, Lsn from, Lsn limit, Lsn removable = {})
      : log_(log), at_(from), limit_(limit), removable_(removable) {}

  struct Found {
    Lsn at;
    Lsn end;
    Frame frame;
  };
  // The next whole frame that is no seal; nullopt at the end.
  std::optional<Found> next();

  // Where the end is, and what is there.
  Lsn at() const { return at_; }
  FrameState state() const { return state_; }
  bool isAtGap() const { return isAtGap_; }

 private:
  // False at the end.
  bool goOn(const Frame& seal);

  const Log& log_;
  Lsn at_;
  Lsn limit_;
  Lsn removable_;
  bool isAtGap_ = false;
  FrameState state_ = FrameState::Empty;
};

// Calls `each(record, address)` for the records of a frame's body, which begins at `at` + 16.
// Throws Corrupt when the body is no list of records.
template <class Each>
void forEachRecord(const FrameReader::Found& found, const std::string& file, Each&& each) {
  std::uint64_t offset = found.at.offset() + kFrameHeaderBytes;
  for (std::string_view left = found.frame.body; !left.empty();) {
    const auto parsed = parseRecord(left);
    if (!parsed)
      throw Error(Code::Corrupt, file + ": the frame at byte " + std::to_string(found.at.offset()) +
                                     " has a good checksum but no records");
    each(parsed->record, addressOf(found.at.segment(), offset));
    offset += parsed->bytes;
    left.remove_prefix(parsed->bytes);
  }
}

}  // namespace hexpage::kv
