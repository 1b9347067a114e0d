#include "binary/frame_reader.hpp"

#include "support/byte_order.hpp"

namespace hexpage::kv {

std::optional<FrameReader::Found> FrameReader::next() {
  state_ = FrameState::Empty;
  while (at_ < limit_) {
    const Segment* const segment = log_.find(at_.segment());
    isAtGap_ = segment == nullptr;
    if (isAtGap_) return std::nullopt;
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
    state_ = FrameState::Empty;
    if (!goOn(found.frame)) return std::nullopt;
  }
  return std::nullopt;
}

bool FrameReader::goOn(const Frame& seal) {
  const Segment* const next = log_.after(at_.segment());
  if (next == nullptr) return false;  // lost with the power: the seal counts as not written
  if (seal.body.size() != sizeof(std::uint64_t)) return false;
  const auto named = load<std::uint64_t>(seal.body.data());
  isAtGap_ = next->number() != named && named >= removable_.segment();
  if (isAtGap_) return false;
  at_ = Lsn::of(next->number(), kSegmentHeaderBytes);
  return true;
}

}  // namespace hexpage::kv
