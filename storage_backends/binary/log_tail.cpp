#include "binary/log_tail.hpp"

#include <algorithm>

#include "support/byte_order.hpp"

namespace hexpage::kv {

void LogTail::open() {
  segment_ = Segment::open(directory_, at_.segment(), false);
  isLost_ = segment_ == nullptr;
  noteWritten();
}

void LogTail::extend(Lsn end) {
  end_ = std::max(end_, end);
  noteWritten();
}

void LogTail::noteWritten() {
  if (!segment_) return;
  const bool isLast = segment_->number() == end_.segment();
  segment_->setWritten(isLast ? end_.offset() : segment_->fileBytes());
}

std::optional<FrameReader::Found> LogTail::next() {
  while (isBehind() && !isLost_) {
    FrameReader::Found found;
    found.at = at_;
    found.frame = readFrame(segment_->from(at_.offset()), segment_->header().salt, at_.offset());
    segment_->requireReadable();
    isLost_ = found.frame.state != FrameState::Whole;
    if (isLost_) break;
    if ((found.frame.header.flags & kSeal) != 0) {
      goOn(found.frame);
      continue;
    }
    at_ = Lsn::of(at_.segment(), at_.offset() + kFrameHeaderBytes + found.frame.body.size());
    found.end = at_;
    return found;
  }
  return std::nullopt;
}

void LogTail::goOn(const Frame& seal) {
  isLost_ = seal.body.size() != sizeof(std::uint64_t);
  if (isLost_) return;
  at_ = Lsn::of(load<std::uint64_t>(seal.body.data()), kSegmentHeaderBytes);
  open();
}

}  // namespace hexpage::kv
