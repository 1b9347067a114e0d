// The writer's lane: one writer at a time, of all threads and processes, in the order in which they
// came. Between processes it is a lock that who wrote last keeps until another process asks for it,
// so that a process alone pays no system call.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <hexpage/types.hpp>
#include <mutex>
#include <set>
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
  // Lets another process have it that asks and finds nobody writing here.
  void yieldIfWanted();
  // Whoever waits here throws; the lane is given up once it is free.
  void close();

 private:
  using Clock = std::chrono::steady_clock;

  void waitTurn(std::unique_lock<std::mutex>& lock, Clock::time_point end);
  void takeFromProcesses(Clock::time_point end);
  void giveToProcesses();

  SharedState& shared_;
  std::function<void()> onTaken_;
  std::mutex mutex_;
  std::condition_variable turns_;
  std::uint64_t nextTicket_ = 0;
  std::uint64_t nowServing_ = 0;
  std::multiset<std::uint64_t> abandoned_;  // tickets of those who gave up
  bool isBusy_ = false;
  bool isOurs_ = false;  // this process has the lock
  bool isClosed_ = false;
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
