// Compaction. A segment is compacted in steps, each of which may be the last:
//
//  1. What still counts in it is appended at the log's end, in small transactions, and the index
//     follows it there.
//  2. All that is synced, a mark appended, and the index written down.
//  3. Nothing needs the segment now: it is removed.
//
// Records that say what is no more (tombstones) count as long as there are older segments, in which
// there may be what they undo. A segment that is damaged stays as it is, and the others are
// compacted around it.
#include <unistd.h>

#include <algorithm>
#include <hexpage/error.hpp>

#include "binary/reclaimable.hpp"
#include "binary/store.hpp"
#include "support/uninterrupted.hpp"

namespace hexpage::kv {
namespace {

constexpr std::size_t kMoveBytes = 512 << 10;        // moved at once, while writers wait
constexpr std::uint64_t kRemovedAtOnce = 256 << 20;  // for each removal the index is written down
constexpr std::uint64_t kDeadShare = 4;      // compact when more than 1/4 of the log is dead
constexpr std::uint64_t kCompactShare = 50;  // and on demand all segments with more than 1/50

}  // namespace

// By who holds the lane and the index's lock.
bool Store::isNeeded(const Record& record, Address address, bool hasOlder) const {
  const std::uint64_t hash = keys_->hashOf(record.key);
  switch (record.kind) {
    case RecordKind::Set:
      return index_->points(record.tree, hash, address);
    case RecordKind::Erase:  // a value that was set later stands against the older ones itself
      return hasOlder && index_->find(record.tree, hash, record.key) == 0;
    case RecordKind::DropTree:
      return hasOlder;
    case RecordKind::NewTree:  // the headers of later segments say it
      return false;
  }
  return false;
}

// Moved to the log's end, a DropTree would drop what was put into the tree since.
bool Store::dropsWhatIsThere(const Record& record) const {
  return record.kind == RecordKind::DropTree && index_->records(index_->roots(), record.tree) != 0;
}

// False when one of them can not be moved while there are older segments.
bool Store::moveLive(std::span<const Candidate> records, bool hasOlder) {
  const LaneHold hold = beginWriting();
  for (const Candidate& candidate : records)
    if (hasOlder && dropsWhatIsThere(candidate.record)) return false;
  appender_->begin(Use::Compaction, kMoved);
  std::vector<std::pair<const Candidate*, Address>> moved;
  try {
    {
      const std::scoped_lock lock(index_->mutex());
      for (const Candidate& candidate : records)
        if (isNeeded(candidate.record, candidate.address, hasOlder))
          moved.emplace_back(&candidate, appender_->add(candidate.record));
    }
    if (moved.empty()) return true;
    const Lsn end = appender_->commit();
    const std::scoped_lock lock(index_->mutex());
    try {
      for (const auto& [from, to] : moved) moveInIndex(*from, to);
    } catch (...) {
      leaveToFollow(end);
      throw;
    }
    applied_.store(end.value, std::memory_order_release);
    publish(end);
  } catch (...) {
    rollback();
    throw;
  }
  return true;
}

void Store::moveInIndex(const Candidate& from, Address to) {
  if (from.record.kind == RecordKind::Set) {
    index_->move(from.record.tree, hashOf(from.record.key), from.address, to);
    countDead(from.address);
  } else {
    countTombstone(to);
  }
}

// Of all that is committed there.
FrameReader Store::readerOf(const Segment& segment) const {
  return {*log_,
          Lsn::of(segment.number(), kSegmentHeaderBytes),
          Lsn::of(segment.number() + 1, 0),
          {applied_.load()}};
}

// Whether the reader came to the seal.
void Store::requireWhole(const Segment& segment, const FrameReader& reader) {
  if (reader.at().segment() > segment.number()) return;
  throw Error(Code::Corrupt, segment.file() + " is damaged at byte " +
                                 std::to_string(reader.at().offset()) +
                                 " and is left as it is; run `hexpage verify`");
}

// False when it has to wait until the older segments are gone. Nothing is moved out of a segment
// that is damaged.
bool Store::compactSegment(const Segment& segment, bool hasOlder) {
  const EpochGuard guard;
  FrameReader all = readerOf(segment);
  while (all.next()) continue;
  requireWhole(segment, all);
  FrameReader reader = readerOf(segment);
  std::vector<Candidate> records;
  std::size_t bytes = 0;
  while (const auto found = reader.next()) {
    if ((found->frame.header.flags & kMark) != 0) continue;
    forEachRecord(*found, segment.file(), [&](const Record& record, Address address) {
      records.push_back({record, address});
    });
    bytes += found->frame.body.size();
    if (bytes < kMoveBytes) continue;
    if (!moveLive(records, hasOlder)) return false;
    records.clear();
    bytes = 0;
  }
  requireWhole(segment, reader);
  return records.empty() || moveLive(records, hasOlder);
}

// False, too, when it is damaged: that is remembered, and told to who asks for it.
bool Store::compactUndamaged(Segment& segment, bool hasOlder, std::optional<Error>* damage) {
  try {
    return compactSegment(segment, hasOlder);
  } catch (const Error& error) {
    if (error.code() != Code::Corrupt && segment.isReadable()) throw;
    segment.isDamaged = true;
    if (damage != nullptr && !*damage) *damage = error;
    return false;
  }
}

// Says in the log which segments stay, all of which are on disk: without the index, nothing else
// tells the others from such as were lost.
void Store::markRemoval(std::span<const std::uint64_t> leaving) {
  syncTo({applied_.load()});
  const LaneHold hold = beginWriting();
  std::vector<std::uint64_t> staying = segmentNumbers(directory_.get());
  std::erase_if(staying, [&](std::uint64_t number) {
    return number > Lsn{durable_.synced()}.segment() ||
           std::ranges::find(leaving, number) != leaving.end();
  });
  appendMark(std::move(staying));
}

void Store::removeSegments(std::span<const std::uint64_t> numbers) {
  if (numbers.empty()) return;
  markRemoval(numbers);
  withIndexFile([&] {
    writeIndexWithout(numbers);
    for (const std::uint64_t number : numbers) {
      log_->remove(number);
      // In this order also after a loss of power: an older one must not come back alone.
      if (uninterrupted([&] { return ::fsync(directory_.get()); }) != 0) throwSystem("sync", path_);
    }
    ++shared_->page().removals;
  });
}

// Of those that hold committed transactions only, and were not left before, that with the largest
// share to give back, once the whole log has enough of it.
std::optional<std::uint64_t> Store::worthCompacting(const std::set<std::uint64_t>& left) const {
  const EpochGuard guard;
  const std::vector<Segment*> segments = log_->segments();
  const std::uint64_t last = Lsn{applied_}.segment();
  std::uint64_t all = 0, dead = 0, number = 0;
  double best = 0;
  for (const Segment* const segment : segments) {
    if (segment->isDamaged || left.contains(segment->number())) continue;
    const std::uint64_t gain = reclaimable(*segment, segment == segments.front());
    const double share = static_cast<double>(gain) / static_cast<double>(segment->written());
    all += segment->written();
    dead += gain;
    if (segment->number() >= last || share <= best) continue;
    best = share;
    number = segment->number();
  }
  if (number == 0 || dead * kDeadShare < all || best * kDeadShare < 1) return std::nullopt;
  return number;
}

void Store::compactIfWorthwhile() {
  const std::unique_lock mine(compactionMutex_, std::try_to_lock);
  if (!mine || !options_.compactInBackground) return;
  std::set<std::uint64_t> left;
  while (!isClosed_) {
    const std::optional<std::uint64_t> number = worthCompacting(left);
    if (!number || !shared_->tryLock(SharedLock::Compaction, false)) return;
    bool isDone = false;
    try {
      followPublished();  // another process may have removed it
      if (Segment* const segment = log_->find(*number))
        isDone = compactUndamaged(*segment, log_->segments().front() != segment);
      if (isDone) removeSegments({&*number, 1});
    } catch (...) {
      shared_->unlock(SharedLock::Compaction);
      throw;
    }
    shared_->unlock(SharedLock::Compaction);
    if (!isDone) left.insert(*number);
  }
}

void Store::compact(const Database::Progress& progress) {
  countDropped();
  const std::scoped_lock mine(compactionMutex_);
  if (!lockShared(SharedLock::Compaction, options_.lockTimeout))
    throw Error(Code::LockTimeout, path_ + ": another process is compacting");
  std::optional<Error> damage;
  try {
    damage = compactAll(progress);
  } catch (...) {
    shared_->unlock(SharedLock::Compaction);
    throw;
  }
  shared_->unlock(SharedLock::Compaction);
  if (damage) throw *damage;
}

// By who has the lock of compactions. Gives the first damage that it passed over.
std::optional<Error> Store::compactAll(const Database::Progress& progress) {
  followPublished();  // another process may have removed segments
  sealLast();
  std::vector<Segment*> segments = log_->segments();
  std::erase_if(segments, [last = Lsn{applied_}.segment()](const Segment* segment) {
    return segment->number() >= last;
  });
  std::optional<Error> damage;
  bool hasOlder = false;
  std::uint64_t leavingBytes = 0, seenBytes = 0, allBytes = 0;
  for (const Segment* const segment : segments) allBytes += segment->written();
  std::vector<std::uint64_t> leaving;
  for (Segment* const segment : segments) {
    if (progress) progress(seenBytes, allBytes);
    seenBytes += segment->written();
    const std::uint64_t gain = segment->deadBytes + segment->tombstoneBytes;
    if (gain * kCompactShare <= segment->written() ||
        !compactUndamaged(*segment, hasOlder, &damage)) {
      hasOlder = true;
      continue;
    }
    leaving.push_back(segment->number());
    leavingBytes += segment->written();
    if (leavingBytes < kRemovedAtOnce) continue;
    removeSegments(leaving);
    leaving.clear();
    leavingBytes = 0;
  }
  removeSegments(leaving);
  return damage;
}

void Store::sealLast() {
  const LaneHold hold = beginWriting();
  const std::scoped_lock lock(index_->mutex());
  const Lsn end = appender_->seal();
  applied_ = end.value;
  publish(end);
}

}  // namespace hexpage::kv
