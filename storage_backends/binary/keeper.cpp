// What a store does by itself: it hands the lane to another process that asks, syncs, writes the
// index down and compacts.
#include <hexpage/error.hpp>

#include "binary/store.hpp"
#include "support/quiet_thread.hpp"

namespace hexpage::kv {
namespace {

const std::string kBallast = "ballast";
constexpr std::size_t kPagesAtOnce = 8;  // of dropped trees, looked at between other duties

}  // namespace

void Store::keep() {
  using Clock = std::chrono::steady_clock;
  Clock::time_point next = Clock::now() + options_.syncInterval;
  while (!isClosed_) {
    const std::uint32_t seen = shared_->page().wake;
    lane_->yieldIfWanted();
    if (isClosed_) return;
    const bool hasMore = countSomeDropped();
    const auto left = std::chrono::ceil<Millis>(next - Clock::now());
    if (left.count() > 0 && hasMore) continue;
    if (left.count() > 0) {
      shared_->sleep(seen, static_cast<std::uint64_t>(left.count()));
      continue;
    }
    try {
      keepOnce();
    } catch (const std::exception&) {
      // What can not be done now is tried again; a failed sync the next write says.
    }
    next = Clock::now() + options_.syncInterval;
  }
}

// Whether there is more to do now.
bool Store::countSomeDropped() {
  try {
    return countDropped(kPagesAtOnce);
  } catch (const std::exception&) {
    return false;  // what can not be read now is tried again
  }
}

void Store::takeBallast() {
  if (!ballast_)
    ballast_ = std::make_unique<Ballast>(directory_.get(), path_, kBallast, 1,
                                         Modes{options_.fileMode, options_.directoryMode});
  ballast_->take();
}

void Store::keepOnce() {
  takeBallast();
  followPublished();
  if (hasFailed()) return;
  const Lsn applied{applied_.load()};
  if (durable_.synced() < applied.value) syncTo(applied);
  const Lsn written{checkpointed_.load()};
  const std::uint64_t grown = (applied.segment() - written.segment()) * options_.segmentBytes +
                              applied.offset() - (written.value == 0 ? 0 : written.offset());
  const std::uint64_t limit = options_.indexCacheBytes;
  const bool isOverLimit = limit != 0 && index_->pageBytes() > limit + limit / 4;
  if (grown > options_.checkpointBytes || (isOverLimit && applied > written)) checkpoint();
  compactIfWorthwhile();
}

void Store::startKeeper() {
  keeper_ = quietThread([this] { keep(); });
}

// Every commit is in the log already; what is left makes the next opening quick.
void Store::close() {
  if (isClosed_.exchange(true)) return;
  if (!lane_) return;  // it was never open
  if (keeper_.joinable()) {
    shared_->wake();
    keeper_.join();
  }
  if (options_.readOnly) return;
  try {
    finish();
  } catch (const std::exception&) {
    // The next opening reads the log instead.
  }
  lane_->close();
}

// Marks what is on disk, writes the index down, and gives back the room that was reserved.
void Store::finish() {
  if (hasFailed()) return;
  LaneHold hold(*lane_, Millis(0));
  if (marked_ != applied_) {
    syncTo({applied_.load()});
    appendMark();
  }
  log_->last()->finish();
  hold.free();
  if (checkpointed_ != applied_) checkpoint();
}

}  // namespace hexpage::kv
