#include "binary/frame_table.hpp"

#include <algorithm>
#include <hexpage/error.hpp>

#include "binary/frame.hpp"

namespace hexpage::kv {

void FrameTable::learn(const Segment& segment, Known& known) {
  for (;;) {
    const Frame frame = trustFrame(segment.from(known.end));
    if (frame.state != FrameState::Whole) return;
    known.offsets.push_back(static_cast<std::uint32_t>(known.end));
    known.end += kFrameHeaderBytes + frame.body.size();
  }
}

void FrameTable::check(const Log& log, Address address) const {
  const Segment& segment = log.segmentAt(address);
  const std::uint64_t offset = offsetAt(address);
  std::uint64_t begin = 0;
  {
    const std::scoped_lock lock(mutex_);
    Known& known = known_[residueAt(address)];
    // A segment that was cut and written anew has other frames.
    if (known.salt != segment.header().salt || known.end > segment.written())
      known = {segment.header().salt, kSegmentHeaderBytes};
    if (offset >= known.end) learn(segment, known);
    const auto after = std::upper_bound(known.offsets.begin(), known.offsets.end(), offset);
    if (offset < known.end && after != known.offsets.begin()) begin = *(after - 1);
  }
  if (begin != 0) {
    const Frame frame = readFrame(segment.from(begin), segment.header().salt, begin);
    segment.requireReadable();
    if (frame.state == FrameState::Whole) return;
  }
  throw Error(Code::Corrupt, segment.file() + ": the frame around byte " + std::to_string(offset) +
                                 " is damaged; `hexpage repair` saves what can be read");
}

}  // namespace hexpage::kv
