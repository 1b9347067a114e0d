// On a full disk, removed records' room is given back one file of the log at a time, as soon as
// somebody wants it: that with the most of it first.
#include <algorithm>
#include <hexpage/error.hpp>
#include <thread>

#include "binary/reclaimable.hpp"
#include "binary/store.hpp"

namespace hexpage::kv {
namespace {

constexpr std::uint64_t kWorthForRemoval = 8 << 10;  // more than a compaction adds
constexpr std::uint64_t kShareForGrowth = 8;         // an eighth of the file

// Less is not worth moving all the rest.
std::uint64_t worth(const Segment& segment, Use use) {
  const std::uint64_t share = use == Use::Growth ? segment.written() / kShareForGrowth : 0;
  return std::max(share, kWorthForRemoval);
}

}  // namespace

bool Store::makeRoom(Use use) {
  if (options_.readOnly || isClosed_ || hasFailed()) return false;
  if (use == Use::Removal && ballast_->give()) return true;
  const std::uint64_t before = log_->room().freeBytes();
  countDropped();
  const std::scoped_lock mine(compactionMutex_);
  if (!lockShared(SharedLock::Compaction, options_.lockTimeout)) return false;
  bool isDone = false;
  try {
    // Another thread or process may have made some.
    isDone = log_->room().freeBytes() > before || compactForRoom(use);
  } catch (...) {
    shared_->unlock(SharedLock::Compaction);
    throw;
  }
  shared_->unlock(SharedLock::Compaction);
  return isDone && awaitRoom(before);
}

// By who has the lock of compactions.
bool Store::compactForRoom(Use use) {
  std::set<std::uint64_t> left;
  while (const std::optional<std::uint64_t> number = bestToCompact(use, left)) {
    if (giveBack(*number)) return true;
    left.insert(*number);
  }
  return false;
}

bool Store::giveBack(std::uint64_t number) {
  try {
    followPublished();  // another process may have removed it
    Segment* const segment = log_->find(number);
    if (segment == nullptr || !compactUndamaged(*segment, log_->segments().front() != segment))
      return false;
    removeSegments({&number, 1});
    return true;
  } catch (const Error& error) {
    if (error.code() != Code::NoSpace) throw;
    return false;
  }
}

std::optional<std::uint64_t> Store::bestToCompact(Use use, const std::set<std::uint64_t>& left) {
  const EpochGuard guard;
  const std::vector<Segment*> segments = log_->segments();
  const Segment* best = nullptr;
  std::uint64_t most = 0;
  for (const Segment* const segment : segments) {
    if (segment->isDamaged || left.contains(segment->number())) continue;
    const std::uint64_t gain = reclaimable(*segment, segment == segments.front());
    if (gain < worth(*segment, use) || gain <= most) continue;
    best = segment;
    most = gain;
  }
  if (best == nullptr) return std::nullopt;
  const std::uint64_t number = best->number();
  if (number >= Lsn{applied_}.segment()) sealLast();
  return number;
}

// What was removed takes its room until the last thread that was reading in it is done, and until
// the other processes have seen that it is gone.
bool Store::awaitRoom(std::uint64_t before) {
  constexpr int kTries = 100;
  for (int i = 0; i < kTries; ++i) {
    reclaimer_.collect();
    if (log_->room().freeBytes() > before) return true;
    std::this_thread::sleep_for(Millis(1));
  }
  return false;
}

}  // namespace hexpage::kv
