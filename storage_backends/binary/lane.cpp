#include "binary/lane.hpp"

#include <algorithm>
#include <hexpage/error.hpp>

namespace hexpage::kv {
namespace {

constexpr std::uint64_t kPollMillis = 10;  // a holder that died wakes nobody
constexpr int kSpins = 200;                // some microseconds: a small transaction takes less
constexpr std::chrono::milliseconds kPatience(1);

void pauseAMoment() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#endif
}

}  // namespace

void Lane::throwNotHad(Millis timeout) const {
  if (isClosed_) throw Error(Code::ReadOnly, "the store is closed");
  throw Error(Code::LockTimeout,
              "lock timeout: another transaction is writing to the store, after " +
                  std::to_string(timeout.count()) + " ms");
}

void Lane::acquire(Millis timeout) {
  const bool wasFree = tryTake();
  if (wasFree && isOurs_ && !isClosed_) return;
  const Clock::time_point end = Clock::now() + timeout;
  if (!wasFree && !spin() && !waitTurn(end)) throwNotHad(timeout);
  try {
    if (isClosed_) throwNotHad(timeout);
    if (isOurs_) return;
    takeFromProcesses(end, timeout);
    isOurs_ = true;
    isTrusted_ = false;
    onTaken_();
    isTrusted_ = true;
  } catch (...) {
    release();
    throw;
  }
}

bool Lane::tryTake() {
  std::uint32_t seen = state_.load(std::memory_order_relaxed);
  while ((seen & kBusy) == 0)
    if (state_.compare_exchange_weak(seen, seen | kBusy)) return true;
  return false;
}

bool Lane::spin() {
  for (int turn = 0; turn < kSpins; ++turn) {
    if (tryTake()) return true;
    pauseAMoment();
  }
  return false;
}

// False when the time is over, or it is closed.
bool Lane::waitTurn(Clock::time_point end) {
  Waiter me;
  std::unique_lock lock(mutex_);
  waiters_.push_back(&me);
  state_.fetch_or(kAwaited);
  const bool isTaken = sleepUntilTaken(me, lock, end);
  if (waiters_.front() == &me) state_.fetch_and(~kHandOver);
  waiters_.erase(std::find(waiters_.begin(), waiters_.end(), &me));
  if (waiters_.empty()) state_.fetch_and(~kAwaited);
  return isTaken;
}

// Only the first of those who wait takes the lane. Whoever finds it busy is woken by who has it: he
// sees kAwaited, and needs the mutex.
bool Lane::sleepUntilTaken(Waiter& me, std::unique_lock<std::mutex>& lock, Clock::time_point end) {
  const Clock::time_point patient = Clock::now() + kPatience;
  for (;;) {
    if (me.hasTurn) return true;
    const bool isFirst = waiters_.front() == &me;
    if (isFirst && tryTake()) return true;
    const Clock::time_point now = Clock::now();
    if (now >= end || isClosed_) return false;
    if (isFirst && now >= patient && (state_.fetch_or(kHandOver) & kBusy) == 0) continue;
    me.wake.wait_until(lock, now < patient ? std::min(end, patient) : end);
    if (me.hasTurn || waiters_.front() != &me) continue;
    lock.unlock();
    const bool isTaken = spin();
    lock.lock();
    if (isTaken) return true;
  }
}

void Lane::release() {
  do {
    if (isOurs_ && mustLetGo()) giveToProcesses();
    passOn();
    // Who asked meanwhile found it busy.
  } while (isOurs_ && isAskedFor() && tryTake());
}

void Lane::passOn() {
  std::uint32_t seen = state_.load(std::memory_order_relaxed);
  while ((seen & kHandOver) == 0)
    if (state_.compare_exchange_weak(seen, seen & ~kBusy)) {
      if ((seen & kAwaited) != 0) wakeFirst(false);
      return;
    }
  wakeFirst(true);
}

void Lane::wakeFirst(bool hasTurn) {
  const std::scoped_lock lock(mutex_);
  if (hasTurn && waiters_.empty()) state_.fetch_and(~kBusy);
  if (waiters_.empty()) return;
  if (hasTurn) waiters_.front()->hasTurn = true;
  waiters_.front()->wake.notify_one();
}

void Lane::yieldIfWanted() {
  if (isOurs_ && isAskedFor() && tryTake()) release();
}

void Lane::close() {
  isClosed_ = true;
  {
    const std::scoped_lock lock(mutex_);
    for (Waiter* const waiter : waiters_) waiter->wake.notify_one();
  }
  yieldIfWanted();
}

void Lane::takeFromProcesses(Clock::time_point end, Millis timeout) {
  while (!shared_.tryLock(SharedLock::Writer, false)) {
    if (Clock::now() >= end) throwNotHad(timeout);
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
