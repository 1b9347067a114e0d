#include "binary/appender.hpp"

#include <algorithm>
#include <exception>

#include "binary/frame.hpp"
#include "support/byte_order.hpp"

namespace hexpage::kv {
namespace {

constexpr std::size_t kSpillBytes = 512 << 10;
constexpr std::size_t kMostBeside = 4 << 20;  // more is not kept twice to write it meanwhile
constexpr std::size_t kMostLines = 12;        // beyond it the processor has seen where it goes
constexpr std::size_t kKeptBuffer = 1 << 20;  // a larger one is given back after the transaction

}  // namespace

void Appender::begin(Use use, std::uint8_t flags) {
  use_ = use;
  flags_ = flags;
  segment_ = log_.last();
  base_ = segment_->written();
  start_ = Lsn::of(segment_->number(), base_);
  buffer_.clear();
  writing_.clear();
  if (buffer_.capacity() > kKeptBuffer) buffer_.shrink_to_fit();
  frame_ = kNoFrame;
  isSpilled_ = false;
}

Address Appender::add(const Record& record) {
  const std::size_t bytes = recordBytes(record);
  noteSize(bytes);
  place(bytes);
  const Address address = addressOf(segment_->number(), offset());
  appendRecord(buffer_, record);
  return address;
}

// Makes sure that the open frame has room for a record, and its segment for both and a seal.
void Appender::place(std::size_t recordBytes) {
  if (frame_ != kNoFrame &&
      buffer_.size() - frame_ + recordBytes > kFrameHeaderBytes + kFrameBodyTarget)
    closeFrame(0);
  makeRoom(recordBytes);
  if (frame_ == kNoFrame) openFrame();
}

void Appender::makeRoom(std::size_t recordBytes) {
  const std::uint64_t head = frame_ == kNoFrame ? kFrameHeaderBytes : 0;
  const std::uint64_t end = offset() + head + recordBytes + kSealBytes;
  if (end <= segment_->header().capacity && offset() + head < kMaxSegmentBytes) return;
  if (frame_ != kNoFrame) closeFrame(0);
  nextSegment(kFrameHeaderBytes + recordBytes);
}

void Appender::noteSize(std::size_t recordBytes) {
  usualBytes_ = usualBytes_ == 0 ? recordBytes : (usualBytes_ * 15 + recordBytes) / 16;
}

void Appender::openFrame() {
  frame_ = buffer_.size();
  buffer_.append(kFrameHeaderBytes, '\0');
}

void Appender::closeFrame(std::uint8_t flags) {
  writeFrameHead(buffer_.data() + frame_, static_cast<std::uint8_t>(flags | flags_),
                 buffer_.size() - frame_ - kFrameHeaderBytes);
  frame_ = kNoFrame;
  if (buffer_.size() >= kSpillBytes) spill();
}

void Appender::spill() {
  if (buffer_.size() > kMostBeside) return flush();
  writer_.finish();
  isSpilled_ = true;
  base_ += buffer_.size();
  writing_.swap(buffer_);
  buffer_.clear();
  writer_.begin([this] { write(writing_, base_ - writing_.size()); });
}

// All that was added is in the log then.
void Appender::flush() {
  writer_.finish();
  writing_.clear();
  if (buffer_.empty()) return;
  write(buffer_, base_);
  base_ += buffer_.size();
  buffer_.clear();
  isSpilled_ = true;
}

void Appender::write(std::string& frames, std::uint64_t offset) {
  writeChecks(frames, segment_->header().salt, offset);
  log_.append(*segment_, frames, use_);
}

void Appender::nextSegment(std::uint64_t frameBytes) {
  flush();
  Segment& next = log_.begin(frameBytes, use_);
  isSpilled_ = true;
  char seal[kSealBytes];
  const std::string_view body(seal + kFrameHeaderBytes, kSealBytes - kFrameHeaderBytes);
  hexpage::store(seal + kFrameHeaderBytes, next.number());
  writeFrameHeader(seal, kSeal, body, bodyHash(body), segment_->header().salt, base_);
  log_.append(*segment_, {seal, sizeof seal}, use_);
  segment_->finish();
  segment_ = &next;
  base_ = next.written();
}

ParsedRecord Appender::record(Address address) const {
  const std::uint64_t offset = offsetAt(address), writing = base_ - writing_.size();
  if (residueAt(address) != residueOf(segment_->number()) || offset < writing)
    return log_.record(address);
  return *parseRecord(offset < base_ ? std::string_view(writing_).substr(offset - writing)
                                     : std::string_view(buffer_).substr(offset - base_));
}

Lsn Appender::commit() {
  if (frame_ != kNoFrame) {
    closeFrame(kCommit);
    flush();
  }
  isSpilled_ = false;  // nothing is left to take back
  tellUsualLines();
  return Lsn::of(segment_->number(), base_);
}

void Appender::tellUsualLines() {
  const auto lines = static_cast<unsigned>(std::min<std::size_t>(usualBytes_ / 64 + 1, kMostLines));
  if (lines != log_.usualLines.load(std::memory_order_relaxed)) log_.usualLines = lines;
}

Appender::Appended Appender::append(ReadyFrame& frame) {
  begin(Use::Growth);
  makeRoom(frame.recordBytes());
  const std::string_view bytes = frame.at(segment_->header().salt, base_);
  log_.append(*segment_, bytes, use_);
  isSpilled_ = false;
  noteSize(frame.recordBytes());
  tellUsualLines();
  const Address record = addressOf(segment_->number(), base_ + kFrameHeaderBytes);
  return {record, Lsn::of(segment_->number(), base_ + bytes.size())};
}

void Appender::rollback() {
  try {
    writer_.finish();
  } catch (const std::exception&) {
    // What could not be written is given up anyway.
  }
  buffer_.clear();
  writing_.clear();
  frame_ = kNoFrame;
  if (isSpilled_) log_.cut(start_);
  isSpilled_ = false;
}

Lsn Appender::mark(const Mark& mark) {
  const std::string body = encode(mark);
  begin(Use::Compaction);
  place(body.size());
  buffer_.append(body);
  closeFrame(kCommit | kMark);
  flush();
  return Lsn::of(segment_->number(), base_);
}

Lsn Appender::seal() {
  begin(Use::Compaction);
  nextSegment(0);
  return Lsn::of(segment_->number(), base_);
}

}  // namespace hexpage::kv
