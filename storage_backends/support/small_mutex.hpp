// A mutex of eight bytes for what is held for less than a microsecond: who finds it taken spins for
// a while and then sleeps. Not fair, and not re-entrant. Taking it is sequentially consistent, so
// that who takes it and then reads a flag, and who sets that flag and then finds the mutex free,
// can not both have missed the other. Freeing it is a plain store: who goes to sleep pays for being
// woken. It must live until unlock() has returned.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

#include "support/futex.hpp"
#include "support/pause.hpp"
#include "support/uneven_fence.hpp"

namespace hexpage {

class SmallMutex {
 public:
  using Deadline = std::chrono::steady_clock::time_point;

  bool try_lock() noexcept {
    std::uint32_t seen = kFree;
    return state_.compare_exchange_strong(seen, kTaken);
  }

  bool isFree() const noexcept { return state_.load() == kFree; }

  void lock() noexcept {
    if (try_lock()) return;
    while (!lockUntil(Deadline::clock::now() + std::chrono::seconds(1))) continue;
  }

  // False when it could not be had until then.
  bool lockUntil(Deadline deadline) noexcept {
    if (try_lock() || spin()) return true;
    for (;;) {
      isAwaited_ = 1;
      heavyFence();  // who frees the mutex from now on sees that, or is seen to have done so
      if (try_lock()) return true;
      if (!sleepOn(isAwaited_, 1, deadline - Deadline::clock::now())) return try_lock();
      if (try_lock()) return true;
    }
  }

  // Waits until nobody holds it who has held it since before the call. False as lockUntil().
  bool passUntil(Deadline deadline) noexcept {
    if (state_.load() == kFree) return true;
    if (!lockUntil(deadline)) return false;
    unlock();
    return true;
  }

  void unlock() noexcept {
    state_.store(kFree, std::memory_order_release);
    lightFence();
    if (isAwaited_.load(std::memory_order_relaxed) != 0) wakeSleepers();
  }

 private:
  static constexpr std::uint32_t kFree = 0, kTaken = 1;
  static constexpr int kSpins = 200;

  // Who is about to sleep finds it changed, and does not.
  void wakeSleepers() noexcept {
    isAwaited_ = 0;
    wakeEach(isAwaited_);
  }

  bool spin() noexcept {
    for (int turn = 0; turn < kSpins; ++turn) {
      if (state_.load(std::memory_order_relaxed) == kFree && try_lock()) return true;
      pauseAMoment();
    }
    return false;
  }

  std::atomic<std::uint32_t> state_{kFree};
  std::atomic<std::uint32_t> isAwaited_{0};
};

}  // namespace hexpage
