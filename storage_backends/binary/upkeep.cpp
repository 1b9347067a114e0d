// Checkpoints and compaction. A segment is compacted in steps, each of which may be the last:
//
//  1. What still counts in it is appended at the log's end, in small transactions, and the index
//     follows it there.
//  2. All that is synced, a mark appended, and the index written down.
//  3. Nothing needs the segment now: it is removed.
//
// Records that say what is no more (tombstones) count as long as there are older segments, in which
// there may be what they undo.
#include <unistd.h>

#include <algorithm>
#include <hexpage/error.hpp>

#include "binary/store.hpp"
#include "support/uninterrupted.hpp"

namespace hexpage::kv {
namespace {

constexpr std::size_t kMoveBytes = 512 << 10;        // moved at once, while writers wait
constexpr std::uint64_t kRemovedAtOnce = 256 << 20;  // for each removal the index is written down
constexpr std::uint64_t kDeadShare = 4;      // compact when more than 1/4 of the log is dead
constexpr std::uint64_t kCompactShare = 50;  // and on demand all segments with more than 1/50

std::uint64_t reclaimable(const Segment& segment, bool isOldest) {
  return segment.deadBytes + (isOldest ? segment.tombstoneBytes.load() : 0);
}

}  // namespace

bool Store::lockShared(SharedLock lock, Millis timeout) {
  const auto end = std::chrono::steady_clock::now() + timeout;
  while (!shared_->tryLock(lock, false)) {
    if (std::chrono::steady_clock::now() >= end) return false;
    shared_->sleep(shared_->page().wake, 10);
  }
  return true;
}

// No index that names a segment is written down once the segment is being removed: both are done
// under this lock.
template <class Work>
void Store::withIndexFile(Work work) {
  const std::scoped_lock lock(checkpointMutex_);
  if (options_.readOnly || hasFailed_) return;
  if (!lockShared(SharedLock::Checkpoint, options_.lockTimeout))
    throw Error(Code::LockTimeout, path_ + ": another process is writing the index down");
  try {
    work();
  } catch (...) {
    shared_->unlock(SharedLock::Checkpoint);
    throw;
  }
  shared_->unlock(SharedLock::Checkpoint);
}

void Store::checkpoint() {
  withIndexFile([&] { writeIndex({}); });
}

// Those that are leaving are not to be missed.
void Store::writeIndex(std::span<const std::uint64_t> leaving) {
  Summary summary;
  std::shared_ptr<const Index::Snapshot> snapshot;
  {
    std::unique_lock lock(index_->mutex());
    for (;;) {
      catchUp({shared_->page().committed.load()});
      forgetRemoved();
      if (dropped_.empty()) break;
      lock.unlock();  // how much is dead is to be written down as it is
      countDropped();
      lock.lock();
    }
    summary.store = log_->settings().store;
    summary.hashSeed = log_->settings().hashSeed;
    summary.applied = {applied_.load()};
    summary.lastTree = log_->lastTree;
    for (const Segment* const segment : log_->segments()) {
      if (segment->number() > summary.applied.segment()) break;  // nothing is committed there yet
      if (std::find(leaving.begin(), leaving.end(), segment->number()) == leaving.end())
        summary.segments.push_back(
            {segment->number(), segment->deadBytes, segment->tombstoneBytes});
    }
    snapshot = checkpointer_->begin();
  }
  syncTo(summary.applied);
  const Lsn applied = summary.applied;
  checkpointer_->write(*snapshot, std::move(summary));
  checkpointed_ = applied.value;
}

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
  appender_->begin();
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

// False when it has to wait until the older segments are gone.
bool Store::compactSegment(Segment& segment, bool hasOlder) {
  const EpochGuard guard;
  const std::uint64_t number = segment.number();
  FrameReader reader(*log_, Lsn::of(number, kSegmentHeaderBytes), Lsn::of(number + 1, 0));
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
  if (reader.state() == FrameState::Torn)
    throw Error(Code::Corrupt, segment.file() + " is damaged at byte " +
                                   std::to_string(reader.at().offset()) +
                                   " and is left as it is; run `hexpage verify`");
  return records.empty() || moveLive(records, hasOlder);
}

// Says in the log that those which are to be removed were on disk: without the index, nothing else
// tells them from such as were lost with the power.
void Store::mark() {
  syncTo({applied_.load()});
  const LaneHold hold = beginWriting();
  appendMark();
}

void Store::removeSegments(std::span<const std::uint64_t> numbers) {
  if (numbers.empty()) return;
  mark();
  withIndexFile([&] {
    writeIndex(numbers);
    for (const std::uint64_t number : numbers) {
      log_->remove(number);
      // In this order also after a loss of power: an older one must not come back alone.
      if (uninterrupted([&] { return ::fsync(directory_.get()); }) != 0) throwSystem("sync", path_);
    }
    ++shared_->page().removals;
  });
}

void Store::compactIfWorthwhile() {
  const std::unique_lock mine(compactionMutex_, std::try_to_lock);
  if (!mine || !options_.compactInBackground) return;
  while (!isClosed_) {
    std::uint64_t all = 0, dead = 0, number = 0;
    double best = 0;
    {
      const EpochGuard guard;
      const std::vector<Segment*> segments = log_->segments();
      for (const Segment* const segment : segments) {
        const std::uint64_t gain = reclaimable(*segment, segment == segments.front());
        const double share = static_cast<double>(gain) / static_cast<double>(segment->written());
        all += segment->written();
        dead += gain;
        if (segment == segments.back() || share <= best) continue;
        best = share;
        number = segment->number();
      }
    }
    if (number == 0 || dead * kDeadShare < all || best * kDeadShare < 1) return;
    if (!shared_->tryLock(SharedLock::Compaction, false)) return;
    bool isDone = false;
    try {
      followPublished();  // another process may have removed it
      if (Segment* const segment = log_->find(number))
        isDone = compactSegment(*segment, log_->segments().front() != segment);
      if (isDone) removeSegments({&number, 1});
    } catch (...) {
      shared_->unlock(SharedLock::Compaction);
      throw;
    }
    shared_->unlock(SharedLock::Compaction);
    if (!isDone) return;
  }
}

void Store::compact(const Database::Progress& progress) {
  countDropped();
  const std::scoped_lock mine(compactionMutex_);
  if (!lockShared(SharedLock::Compaction, options_.lockTimeout))
    throw Error(Code::LockTimeout, path_ + ": another process is compacting");
  try {
    followPublished();  // it may have removed segments
    {
      const LaneHold hold = beginWriting();
      const std::scoped_lock lock(index_->mutex());
      const Lsn end = appender_->seal();
      applied_ = end.value;
      publish(end);
    }
    std::vector<Segment*> segments = log_->segments();
    segments.pop_back();
    bool hasOlder = false;
    std::uint64_t leavingBytes = 0, seenBytes = 0, allBytes = 0;
    for (const Segment* const segment : segments) allBytes += segment->written();
    std::vector<std::uint64_t> leaving;
    for (Segment* const segment : segments) {
      if (progress) progress(seenBytes, allBytes);
      seenBytes += segment->written();
      const std::uint64_t gain = segment->deadBytes + segment->tombstoneBytes;
      if (gain * kCompactShare <= segment->written() || !compactSegment(*segment, hasOlder)) {
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
  } catch (...) {
    shared_->unlock(SharedLock::Compaction);
    throw;
  }
  shared_->unlock(SharedLock::Compaction);
}

}  // namespace hexpage::kv
