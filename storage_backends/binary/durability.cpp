// How a store comes to be on disk: fdatasyncs that all who wait for one share, and a mark in the
// log that tells the next opening what can not be missing.
#include <unistd.h>

#include <algorithm>
#include <hexpage/error.hpp>

#include "binary/store.hpp"
#include "support/uninterrupted.hpp"

namespace hexpage::kv {

void Store::makeDurable(Lsn end) {
  if (options_.durability == Durability::Power) syncTo(end);
}

void Store::sync() {
  requireOpen();
  if (options_.readOnly) return;
  followPublished();
  syncTo({applied_.load()});
}

// By who holds the lane.
void Store::appendMark(std::vector<std::uint64_t> staying) {
  const std::scoped_lock lock(index_->mutex());
  const Lsn end = appender_->mark({{durable_.synced()}, std::move(staying)});
  applied_ = end.value;
  marked_ = end.value;
  publish(end);
}

void Store::syncTo(Lsn position) {
  std::unique_lock lock(syncMutex_);
  Lsn target{0};
  const auto end = [&] {
    if (hasFailed()) throw Error(Code::Io, path_ + ": not on disk: " + failure());
    // The index may lack what is committed.
    target = {std::max(applied_.load(), position.value)};
    return target.value;
  };
  durable_.await(lock, position.value, end, [&](GroupSync::Lock& held) { syncOnce(held, target); });
}

// After a sync that failed there is none: the system may have dropped what it could not write, and
// would call the next one a success.
void Store::syncOnce(GroupSync::Lock& lock, Lsn target) {
  const Lsn from{durable_.synced()};
  const EpochGuard guard;  // keeps the segments
  const std::vector<Segment*> segments = log_->segments();
  lock.unlock();
  try {
    for (Segment* const segment : segments)
      if (segment->number() >= from.segment() && segment->number() <= target.segment())
        segment->sync();
    if (!isDirectorySynced_ || target.segment() != from.segment()) {
      if (uninterrupted([&] { return ::fsync(directory_.get()); }) != 0) throwSystem("sync", path_);
      isDirectorySynced_ = true;
    }
  } catch (const std::exception& error) {
    hasFailed_ = true;
    shared_->page().hasFailed = 1;
    fail(error.what());
    lock.lock();
    throw Error(Code::Io, error.what());
  }
  lock.lock();
  if (shared_->page().durable < target.value) shared_->page().durable = target.value;
}

}  // namespace hexpage::kv
