// Following what other processes wrote, and what they compacted. A follower applies frame after
// frame. When it fell behind a whole compaction, a segment that it has not read is gone: what was
// live in it moved, but what it erased is nowhere to be read. The index file, which was written
// down before the segment was removed, knows all of it: the follower goes on from there.
#include <unistd.h>

#include <algorithm>
#include <hexpage/error.hpp>

#include "binary/applying.hpp"
#include "binary/store.hpp"

namespace hexpage::kv {
namespace {

constexpr int kReloads = 100;  // each is for a compaction that ended meanwhile

}  // namespace

void Store::followPublished() {
  const SharedPage& page = shared_->page();
  const std::uint64_t published = page.committed.load(std::memory_order_acquire);
  if (published <= applied_.load(std::memory_order_acquire) &&
      page.removals.load(std::memory_order_relaxed) ==
          seenRemovals_.load(std::memory_order_relaxed))
    return;
  // Before a start of the machine it may have been further than what is on disk now.
  if (shared_->isFromThisBoot()) follow({published});
}

void Store::follow(Lsn end) {
  const std::scoped_lock lock(index_->mutex());
  catchUp(end);
  if (shared_->page().removals != seenRemovals_) forgetRemoved();
  reclaimer_.collect();
}

// As far as the log is whole. The caller holds the index's lock.
void Store::catchUp(Lsn end) {
  for (int reloads = 0; !applyUpTo(end); ++reloads) {
    if (reloads == kReloads) throw SegmentMissing(path_ + ": a file of the log");
    reload();
  }
}

// Applies the whole transactions before `end`. False when a segment before it is missing.
bool Store::applyUpTo(Lsn end, Lsn removable) {
  const Lsn from{applied_.load()};
  if (from >= end) return true;
  openNewSegments(end.segment());
  for (Segment* const segment : log_->segments())
    if (segment->number() >= from.segment())
      segment->setWritten(segment->number() == end.segment()
                              ? std::min(end.offset(), segment->fileBytes())
                              : segment->fileBytes());
  const Applying applying(applying_);
  FrameReader reader(*log_, from, end, removable);
  std::vector<FrameReader::Found> open;  // frames of a transaction that may not be whole
  while (const auto found = reader.next()) {
    open.push_back(*found);
    if ((found->frame.header.flags & kCommit) == 0) continue;
    applyWhole(open);
    open.clear();
    applied_.store(found->end.value, std::memory_order_release);
  }
  // Behind a seal, in a segment that has nothing yet.
  if (open.empty() && reader.at() > Lsn{applied_}) applied_.store(reader.at().value);
  return !reader.isAtGap();
}

void Store::applyWhole(std::span<const FrameReader::Found> frames) {
  for (const FrameReader::Found& frame : frames) {
    if ((frame.frame.header.flags & kMark) != 0) continue;
    forEachRecord(
        frame, segmentFile(frame.at.segment()),
        [&](const Record& record, Address address) { apply(record, hashOf(record.key), address); });
  }
}

// One that is compacted away while it is looked for leaves a gap.
void Store::openNewSegments(std::uint64_t upTo) {
  if (log_->last()->number() >= upTo) return;
  for (const std::uint64_t number : segmentNumbers(directory_.get()))
    if (number > log_->last()->number() && number <= upTo) log_->open(number);
}

// Goes on from the index file, which is ahead of what was applied here.
void Store::reload() {
  openNewSegments(Lsn{shared_->page().committed.load()}.segment());
  try {
    if (!checkpointer_->restore(*log_, !options_.readOnly))
      throw Error(Code::Corrupt, path_ + "/index is damaged: open the store anew");
    applied_ = checkpointer_->restored().value;
    for (Dropped& tree : dropped_) tree.isCounted = true;  // by who wrote the index down
  } catch (const SegmentMissing&) {
    // Compacted away since, behind a newer index.
  }
}

// Of the index's lock's holder. What a removed segment had was moved and published before; it is
// applied here before the segment is forgotten.
void Store::forgetRemoved() {
  const std::uint64_t removals = shared_->page().removals;
  const std::vector<std::uint64_t> numbers = segmentNumbers(directory_.get());
  const Lsn committed{shared_->page().committed.load()};
  catchUp(committed);
  if (applied_ < committed.value) return;  // the log is damaged
  for (const Segment* const segment : log_->segments())
    if (segment != log_->last() &&
        !std::binary_search(numbers.begin(), numbers.end(), segment->number()))
      log_->forget(segment->number());
  seenRemovals_ = removals;
}

// The process that wrote last may have died in any of the steps 2 to 5.
void Store::onLaneTaken() {
  const Lsn published{shared_->page().committed.load()};
  follow(published);
  if (applied_ < published.value)
    throw Error(Code::Corrupt, path_ + ": the log is damaged at byte " +
                                   std::to_string(Lsn{applied_}.offset()) + " of " +
                                   segmentFile(Lsn{applied_}.segment()) + "; run `hexpage repair`");
  removeUnborn();
  const std::scoped_lock lock(index_->mutex());
  openNewSegments(~std::uint64_t{0});
  Segment* const last = log_->last();
  applyUpTo(Lsn::of(last->number(), last->fileBytes()));
  const Lsn end{applied_};
  Segment* const tail = log_->find(end.segment());
  const bool hasLeftovers =
      last != tail || trustFrame(tail->from(end.offset())).state != FrameState::Empty;
  if (hasLeftovers) log_->cut(end);
  tail->setWritten(end.offset());
  tail->forgetReserve();
  publish(end);
}

void Store::removeUnborn() {
  const std::vector<std::uint64_t> numbers = segmentNumbers(directory_.get());
  if (numbers.back() <= log_->last()->number()) return;
  if (!Segment::isUnborn(directory_.get(), numbers.back())) return;
  const std::string file = segmentFile(numbers.back());
  if (::unlinkat(directory_.get(), file.c_str(), 0) != 0) throwSystem("remove", file);
}

}  // namespace hexpage::kv
