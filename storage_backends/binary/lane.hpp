// The writer's lane: one writer at a time, of all threads and processes. Threads take it by
// themselves while it is free; who has to wait does so in the order in which they came, and who has
// waited for a millisecond is handed it, before all who come later. Between processes it is a lock
// that who wrote last keeps until another process asks for it, so that a process alone pays no
// system call.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <hexpage/types.hpp>
#include <mutex>
#include <utility>

#include "binary/shared_state.hpp"

namespace hexpage::kv {

class Lane {
 public:
  // `onTaken` is called, with the lane held, when it was another process's before.
  Lane(SharedState& shared, std::function<void()> onTaken)
      : shared_(shared), onTaken_(std::move(onTaken)) {}

  // Throws LockTimeout; ReadOnly once it is closed.
  void acquire(Millis timeout);
  void release();
  // By who holds it: who takes it next follows the log first, as after another process.
  void mistrust() { isTrusted_ = false; }
  // Lets another process have it that asks and finds nobody writing here.
  void yieldIfWanted();
  // Whoever waits here throws; the lane is given up once it is free.
  void close();

 private:
  using Clock = std::chrono::steady_clock;

  struct Waiter {
    std::condition_variable wake;
    bool hasTurn = false;  // was handed the lane
  };

  bool tryTake();
  bool spin();
  bool waitTurn(Clock::time_point end);
  bool sleepUntilTaken(Waiter& me, std::unique_lock<std::mutex>& lock, Clock::time_point end);
  void passOn();
  void wakeFirst(bool hasTurn);
  bool isAskedFor() const { return isClosed_ || shared_.page().isWanted.load() != 0; }
  bool mustLetGo() const { return !isTrusted_ || isAskedFor(); }
  void takeFromProcesses(Clock::time_point end, Millis timeout);
  void giveToProcesses();
  [[noreturn]] void throwNotHad(Millis timeout) const;

  // Bits of the state.
  static constexpr std::uint32_t kBusy = 1;      // somebody has it
  static constexpr std::uint32_t kAwaited = 2;   // somebody sleeps
  static constexpr std::uint32_t kHandOver = 4;  // who lets it go gives it to the first who sleeps

  SharedState& shared_;
  std::function<void()> onTaken_;
  std::atomic<std::uint32_t> state_{0};
  std::atomic<bool> isOurs_{false};    // this process has the lock; changed by who is busy
  std::atomic<bool> isTrusted_{true};  // what this process knows of the log is all of it; likewise
  std::atomic<bool> isClosed_{false};
  std::mutex mutex_;  // of those who sleep
  std::deque<Waiter*> waiters_;
};

// Holds it until the end of the scope.
class LaneHold {
 public:
  LaneHold(Lane& lane, Millis timeout) : lane_(&lane) { lane.acquire(timeout); }
  LaneHold(LaneHold&& other) noexcept : lane_(std::exchange(other.lane_, nullptr)) {}
  LaneHold& operator=(LaneHold&&) = delete;
  ~LaneHold() { free(); }

  void free() {
    if (Lane* const lane = std::exchange(lane_, nullptr)) lane->release();
  }

 private:
  Lane* lane_;
};

}  // namespace hexpage::kv
