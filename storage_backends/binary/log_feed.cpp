#include "binary/log_feed.hpp"

#include <thread>
#include <utility>

namespace hexpage {
namespace {

// Where changes come one after the other, each of their writers would have to wake us, and each
// look would find but one.
constexpr std::chrono::milliseconds kPace(1);

}  // namespace

LogFeed::LogFeed(std::function<OpenedStore()> now, std::shared_ptr<Leases> leases)
    : now_(std::move(now)), leases_(std::move(leases)), following_(leases_->follow()) {
  begin();
}

void LogFeed::begin() {
  const OpenedStore store = now_();
  const kv::Snapshot now = store.database.snapshot();
  tail_.emplace(now.tail());
  reader_.emplace(HashTrees(now));
  openings_ = store.openings;
}

bool LogFeed::next(const Take& take, Millis timeout) {
  if (!look()) {
    if (timeout.count() == 0) return false;
    std::this_thread::sleep_until(told_ + kPace);
    if (!leases_->awaitChange([this] { return look(); }, timeout)) return false;
  }
  const bool isAnyTold = tell(take);
  told_ = Clock::now();
  return isAnyTold;
}

// Whether there is something that was not read. A store that was opened anew was repaired.
bool LogFeed::look() {
  isLost_ = isLost_ || now_().openings != openings_;
  return isLost_ || tail_->look();
}

// What look() has seen.
bool LogFeed::tell(const Take& take) {
  bool isAnyTold = false;
  while (!isLost_) {
    isLost_ = true;  // unless all of a transaction can be read
    const auto found = tail_->next([this](const kv::Committed& one) { reader_->add(one); });
    isLost_ = found == kv::Tail::Found::Lost;
    if (found == kv::Tail::Found::Nothing) return isAnyTold;
    if (found == kv::Tail::Found::Transaction) isAnyTold = tellBatch(take) || isAnyTold;
  }
  begin();
  isLost_ = false;
  take.missed();
  return true;
}

bool LogFeed::tellBatch(const Take& take) {
  const auto batch = reader_->take();
  isLost_ = !batch;
  if (isLost_ || batch->changes.empty()) return false;
  take.batch(*batch);
  return true;
}

}  // namespace hexpage
