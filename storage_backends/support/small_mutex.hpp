// A mutex of four bytes for what is held for less than a microsecond: who finds it taken spins for
// a while and then sleeps. Not fair, and not re-entrant. Taking it is sequentially consistent, so
// that who takes it and then reads a flag, and who sets that flag and then finds the mutex free,
// can not both have missed the other.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

#include "support/futex.hpp"

namespace hexpage {

class SmallMutex {
 public:
  using Deadline = std::chrono::steady_clock::time_point;

  bool try_lock() noexcept {
    std::uint32_t seen = kFree;
    return state_.compare_exchange_strong(seen, kTaken);
  }

  void lock() noexcept {
    if (try_lock() || spin()) return;
    while (state_.exchange(kAwaited) != kFree) sleepOn(state_, kAwaited, std::chrono::seconds(1));
  }

  // False when it could not be had until then.
  bool lockUntil(Deadline deadline) noexcept {
    if (try_lock() || spin()) return true;
    while (state_.exchange(kAwaited) != kFree) {
      const auto left = deadline - std::chrono::steady_clock::now();
      if (!sleepOn(state_, kAwaited, left)) return try_lock();
    }
    return true;
  }

  // Waits until nobody holds it who has held it since before the call. False as lockUntil().
  bool passUntil(Deadline deadline) noexcept {
    if (state_.load() == kFree) return true;
    if (!lockUntil(deadline)) return false;
    unlock();
    return true;
  }

  void unlock() noexcept {
    if (state_.exchange(kFree, std::memory_order_release) == kAwaited) wakeOne(state_);
  }

 private:
  static constexpr std::uint32_t kFree = 0, kTaken = 1,
                                 kAwaited = 2;  // awaited: taken, and by more
  static constexpr int kSpins = 200;

  bool spin() noexcept {
    for (int turn = 0; turn < kSpins; ++turn) {
      if (state_.load(std::memory_order_relaxed) == kFree && try_lock()) return true;
      pauseAMoment();
    }
    return false;
  }

  static void pauseAMoment() noexcept {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#endif
  }

  std::atomic<std::uint32_t> state_{kFree};
};

}  // namespace hexpage
