#include "binary/frame_reader.hpp"

namespace hexpage::kv {

std::optional<FrameReader::Found> FrameReader::next() {
  for (;;) {
    const Segment* const segment = log_.find(at_.segment());
    if (segment == nullptr || at_ >= limit_) {
      state_ = FrameState::Empty;
      return std::nullopt;
    }
    Found found;
    found.at = at_;
    found.frame = readFrame(segment->from(at_.offset()), segment->header().salt, at_.offset());
    segment->requireReadable();
    state_ = found.frame.state;
    if (state_ != FrameState::Whole) return std::nullopt;
    found.end = Lsn::of(at_.segment(), at_.offset() + kFrameHeaderBytes + found.frame.body.size());
    if ((found.frame.header.flags & kSeal) == 0) {
      at_ = found.end;
      return found;
    }
    const Segment* const next = log_.after(at_.segment());
    if (next == nullptr) {  // lost with the power: the seal counts as not written
      state_ = FrameState::Empty;
      return std::nullopt;
    }
    at_ = Lsn::of(next->number(), kSegmentHeaderBytes);
  }
}

}  // namespace hexpage::kv
