// How processes take turns with a slot of the lock file. The kernel's lock of the slot's byte is
// what counts; the words of the slot only say who goes next, and whom to ask to give it back.
//
// Who wants a slot sets its bit, asks the holders, and sleeps. Turns go round by place, so that who
// waits goes after each other waiting process at most once: who gets the slot, and again who gives
// it back, names the next one that wants it. A shared lease lets other sharers in, but none past
// somebody who wants it exclusively. One that does not take its turn (stopped, or killed) is passed
// over after kLate. Nobody relies on being woken: who waits looks again every kPoll.
#pragma once

#include <chrono>
#include <cstdint>
#include <hexpage/backend.hpp>

#include "support/membership.hpp"

namespace hexpage {

class LeaseQueue {
 public:
  explicit LeaseQueue(Membership& members) : members_(members) {}

  // Locks the slot for this process; false when the time is up. Called for a slot by one thread at
  // a time, which must not hold it.
  bool acquire(std::uint32_t slot, LockMode mode, Deadline deadline);
  void release(std::uint32_t slot) noexcept;

  // Whether another process waits for the slot that is held in this mode.
  bool isWanted(std::uint32_t slot, LockMode held) const;

  // Another process that holds the slot, as the system numbers it; 0 when none is known.
  std::int64_t holder(std::uint32_t slot) const;

  static constexpr std::chrono::milliseconds kPoll{10};
  static constexpr std::chrono::milliseconds kLate{10};

 private:
  enum class Way { Barred, Free, PastLate };

  Way wayTo(const SharedSlot& shared, LockMode mode) const;
  bool tryEnter(std::uint32_t slot, LockMode mode);
  void askHolders(std::uint32_t slot);
  void passOn(SharedSlot& shared) noexcept;
  void forgetDead(SharedSlot& shared);
  std::uint32_t nextAfterSelf(const SharedSlot& shared) const;
  void wakeNext(const SharedSlot& shared) noexcept;

  Membership& members_;
};

}  // namespace hexpage
