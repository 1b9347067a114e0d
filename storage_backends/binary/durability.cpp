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
  const Lsn end = appender_->mark({{durable_.load()}, std::move(staying)});
  applied_ = end.value;
  marked_ = end.value;
  publish(end);
}

// The first who comes syncs for all whose commits are in the log by then; who comes meanwhile waits
// for the next one. After one that failed there is none: the system may have dropped what it could
// not write, and would call the next one a success.
void Store::syncTo(Lsn end) {
  std::unique_lock lock(syncMutex_);
  synced_.wait(lock, [&] { return !isSyncing_ || durable_ >= end.value; });
  if (durable_ >= end.value) return;
  if (hasFailed()) throw Error(Code::Io, path_ + ": not on disk: " + failure());
  std::string failure;
  const Lsn target{std::max(applied_.load(), end.value)};  // the index may lack what is committed
  const Lsn from{durable_.load()};
  const EpochGuard guard;  // keeps the segments
  const std::vector<Segment*> segments = log_->segments();
  isSyncing_ = true;
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
    failure = error.what();
    fail(failure);
  }
  lock.lock();
  isSyncing_ = false;
  if (failure.empty()) {
    durable_ = target.value;
    if (shared_->page().durable < target.value) shared_->page().durable = target.value;
  }
  lock.unlock();
  synced_.notify_all();
  if (!failure.empty()) throw Error(Code::Io, failure);
}

}  // namespace hexpage::kv
