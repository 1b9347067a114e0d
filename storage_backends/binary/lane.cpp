#include "binary/lane.hpp"

#include <hexpage/error.hpp>

namespace hexpage::kv {
namespace {

constexpr std::uint64_t kPollMillis = 10;  // a holder that died wakes nobody

[[noreturn]] void throwTimeout() {
  throw Error(Code::LockTimeout,
              "another transaction has the store for longer than the lock timeout");
}

}  // namespace

void Lane::acquire(Millis timeout) {
  const Clock::time_point end = Clock::now() + timeout;
  std::unique_lock lock(mutex_);
  if (isBusy_ || nextTicket_ != nowServing_) waitTurn(lock, end);
  if (isClosed_) throw Error(Code::ReadOnly, "the store is closed");
  isBusy_ = true;
  if (isOurs_) return;
  lock.unlock();
  try {
    takeFromProcesses(end);
    isOurs_ = true;
    onTaken_();
  } catch (...) {
    release();
    throw;
  }
}

void Lane::waitTurn(std::unique_lock<std::mutex>& lock, Clock::time_point end) {
  const std::uint64_t ticket = nextTicket_++;
  const auto isTurn = [&] { return isClosed_ || (!isBusy_ && nowServing_ == ticket); };
  const bool came = turns_.wait_until(lock, end, isTurn);
  if (came && !isClosed_) {
    ++nowServing_;
  } else {
    abandoned_.insert(ticket);
  }
  for (auto it = abandoned_.find(nowServing_); it != abandoned_.end();
       it = abandoned_.find(++nowServing_))
    abandoned_.erase(it);
  if (!came) {
    turns_.notify_all();
    throwTimeout();
  }
}

void Lane::release() {
  {
    const std::scoped_lock lock(mutex_);
    if (isOurs_ && (isClosed_ || shared_.page().isWanted.load(std::memory_order_relaxed) != 0))
      giveToProcesses();
    isBusy_ = false;
    if (nextTicket_ == nowServing_) return;
  }
  turns_.notify_all();
}

// While somebody is busy isOurs_ is his alone, without the mutex.
void Lane::yieldIfWanted() {
  if (shared_.page().isWanted.load() == 0) return;
  const std::scoped_lock lock(mutex_);
  if (!isBusy_ && isOurs_) giveToProcesses();
}

void Lane::close() {
  {
    const std::scoped_lock lock(mutex_);
    isClosed_ = true;
    if (!isBusy_ && isOurs_) giveToProcesses();
  }
  turns_.notify_all();
}

void Lane::takeFromProcesses(Clock::time_point end) {
  while (!shared_.tryLock(SharedLock::Writer, false)) {
    if (Clock::now() >= end) throwTimeout();
    const std::uint32_t seen = shared_.page().wake;
    shared_.page().isWanted = 1;
    shared_.wake();
    shared_.sleep(seen + 1, kPollMillis);
  }
}

void Lane::giveToProcesses() {
  isOurs_ = false;
  shared_.page().isWanted = 0;
  shared_.unlock(SharedLock::Writer);
  shared_.wake();
}

}  // namespace hexpage::kv
