// One process among those that have a store open: how it comes in, its place in their table, and
// what is done for one that died.
//
// 1. Who opens a store locks the gate. 2. It tries the lock of who has the store open; when it gets
// that exclusively nobody else has it open, and the shared state is made anew. 3. It takes a free
// place. 4. One that is alone keeps the gate until the store is recovered. Whatever of this a crash
// interrupts, the kernel frees the locks, and the next one starts at 1.
//
// A place is given back only by its process, or by who has recovered it: what a dead process left
// undone is never forgotten. The lock of its byte tells whether its process lives; who recovers it
// locks the byte. One process recovers at a time: what one that died has left may be in the hands
// of another that died while it recovered the first.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <hexpage/types.hpp>
#include <mutex>
#include <optional>
#include <span>
#include <string>

#include "support/fork_watch.hpp"
#include "support/leases.hpp"
#include "support/lock_file.hpp"
#include "support/shared_state.hpp"

namespace hexpage {

using Clock = std::chrono::steady_clock;
using Deadline = Clock::time_point;

// What is left of the time, never below zero.
inline std::chrono::nanoseconds timeLeft(Deadline deadline) {
  return std::max(deadline - Clock::now(), Clock::duration::zero());
}

class Membership {
 public:
  // `recover(place)` puts everything of a dead process in place, see LeaseEvents. Throws
  // LockTimeout when another process does not let it in for that long.
  Membership(int directory, std::uint32_t slots, std::function<void(std::uint32_t)> recover,
             const LeaseOptions& options);

  bool wasAlone() const { return wasAlone_; }
  // The calls of Leases by these names.
  void moveTo(std::uint32_t place);
  void leaveDead(std::uint32_t place, std::span<const std::uint32_t> slots, std::uint64_t inFlight);
  void start();  // lets others in
  // Gives up all locks. The place is free then; or, when not everything is in
  // place, to be recovered, as it is without this call.
  void leave(bool isClean) noexcept;

  std::uint32_t self() const { return self_; }
  std::uint64_t selfBit() const { return bitOf(self_); }
  SharedState& state() { return *state_; }
  SharedPlace& here() { return state_->place(self_); }
  LockFile& locks() { return locks_; }
  std::int64_t processOf(std::uint32_t place) const { return state_->place(place).process.load(); }

  // Throws InvalidArgument in a forked child.
  void refuseChild() const {
    if (watch_.isChild()) throwChild();
  }
  bool isChild() const noexcept { return watch_.isChild(); }

  // Whether the place's process died and is not recovered yet.
  bool isDead(std::uint32_t place) const;
  bool isLiveOther(std::uint32_t place) const;

  // Recovers the place, unless its process lives or somebody else recovers one: then false. Throws
  // what `recover` throws.
  bool recover(std::uint32_t place);
  // All dead ones; goes on after one that can not be recovered, which stays as it is, and throws
  // its error at the end.
  void recoverDead();
  // One of them, another one at the next call, which comes from the same thread. False when none
  // was recovered.
  bool recoverNextDead();

  // The calls of Leases by these names.
  void beginTaking(std::uint32_t place) { here().takes |= bitOf(place); }
  void endTaking(std::uint32_t place) { here().takes &= ~bitOf(place); }
  bool mayHaveTaken(std::uint32_t taker, std::uint32_t place) const;
  void whileFree(std::uint32_t place, const std::function<void()>& work);
  std::uint64_t beginStamp();
  void endStamp(std::uint32_t place) { state_->place(place).inFlight = 0; }
  bool isInFlight(std::uint32_t place) const { return state_->place(place).inFlight != 0; }
  std::uint64_t settledStamp() const;
  void raiseStamp(std::uint64_t atLeast);

 private:
  [[noreturn]] static void throwChild();
  void open(int directory, std::uint32_t slots, const LeaseOptions& options);
  void enterGate(Deadline deadline);
  void showOpen(Deadline deadline);
  void awaitReaders(Deadline deadline);
  void takePlace(Deadline deadline);
  bool tryPlace(std::uint32_t place);
  void clearTraces(std::uint32_t place);

  LockFile locks_;
  ForkWatch watch_;
  std::optional<SharedState> state_;
  std::function<void(std::uint32_t)> recover_;
  std::mutex recovering_;  // OFD locks do not exclude our own threads
  std::uint32_t self_ = 0;
  std::uint32_t nextDead_ = 0;  // from where recoverNextDead() looks
  bool wasAlone_ = false;
};

}  // namespace hexpage
