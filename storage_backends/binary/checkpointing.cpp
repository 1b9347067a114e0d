// Checkpoints: the index is written down, so that the next opening need not read the log.
#include <algorithm>
#include <hexpage/error.hpp>

#include "binary/store.hpp"

namespace hexpage::kv {

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
void Store::withIndexFile(const std::function<void()>& work) {
  const std::scoped_lock lock(checkpointMutex_);
  if (options_.readOnly || hasFailed()) return;
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

// On a full disk the index goes, so that none names what is removed: the log's mark says what
// stays.
void Store::writeIndexWithout(std::span<const std::uint64_t> leaving) {
  try {
    writeIndex(leaving);
  } catch (const Error& error) {
    if (error.code() != Code::NoSpace) throw;
    IndexFile::remove(directory_.get());
    checkpointed_ = 0;
  }
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

}  // namespace hexpage::kv
