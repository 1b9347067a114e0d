// The leases of one process: for each slot how it is held, and by how many Uses. Threads meet here;
// processes meet in the LeaseQueue.
//
// A slot that is held is entered and left by counting in one word, without a lock. It changes hands
// (`isMoving`) by one thread at a time, which first closes it: then nobody enters, those who are in
// leave, and the others wait.
#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <hexpage/backend.hpp>
#include <mutex>
#include <optional>
#include <vector>

#include "support/lease_queue.hpp"
#include "support/leases.hpp"

namespace hexpage {

class LeaseTable {
 public:
  LeaseTable(Membership& members, std::uint32_t slots, LeaseEvents events, LeaseOptions options);

  // Counts one Use more; false when the time is up.
  bool enter(std::uint32_t slot, LockMode mode, Millis timeout);
  // The same, but at once: false unless the slot is held so and open.
  bool tryEnter(std::uint32_t slot, LockMode mode) { return tryEnter(slots_[slot], mode); }
  void enterAgain(std::uint32_t slot) { slots_[slot].word += kOneUse; }
  void leave(std::uint32_t slot) noexcept;
  std::uint64_t epoch(std::uint32_t slot) const { return slots_[slot].epoch; }
  // Another process that has the slot, as the system numbers it; 0 when none is known.
  std::int64_t holder(std::uint32_t slot) const { return queue_.holder(slot); }

  // For the one thread that gives leases back:
  // Gives the slot back, if it is held and somebody wants it. Else tells when to call this again;
  // nullopt: when somebody asks again.
  std::optional<Deadline> giveBackIfWanted(std::uint32_t slot);
  // Gives back what was not used since the last call of this.
  void giveBackIdle();
  // Gives back everything; no Use is left. Throws what beforeRelease throws first.
  void giveBackAll();

 private:
  // Two bits tell the mode in which the slot is held (0: not), one that it is closed; above them
  // the Uses are counted.
  using Word = std::uint64_t;
  static constexpr Word kShared = 1;
  static constexpr Word kExclusive = 2;
  static constexpr Word kModes = 3;
  static constexpr Word kClosed = 4;
  static constexpr Word kOneUse = 8;

  struct Slot {
    std::atomic<Word> word{0};
    std::atomic<std::uint64_t> epoch{0};
    std::atomic<bool> isUsed{false};   // since giveBackIdle() looked last
    std::atomic<bool> isFresh{false};  // no Use has ended yet
    // The rest under the mutex of its part.
    bool isMoving = false;
    bool isLeaving = false;  // the moving thread is the one that gives back
    std::uint64_t version = ~std::uint64_t{0};
    Deadline keptUntil{};  // not given back before; tells nothing of one that is fresh
  };

  // Slots share mutexes; they are taken only when a slot changes hands.
  struct Part {
    std::mutex mutex;
    std::condition_variable changed;
  };
  using Guard = std::unique_lock<std::mutex>;

  Part& partOf(std::uint32_t slot) { return parts_[slot % parts_.size()]; }
  static bool tryEnter(Slot& slot, LockMode mode);
  bool fetch(std::uint32_t slot, LockMode mode, Guard& guard, Deadline deadline);
  bool dropShared(std::uint32_t slot, Guard& guard, Deadline deadline);
  bool takeFromQueue(std::uint32_t slot, LockMode mode, Deadline deadline);
  bool recoverOwner(std::uint32_t slot, Deadline deadline);
  void beginHold(std::uint32_t slot) noexcept;
  void giveBack(std::uint32_t slot, Guard& guard);
  void release(std::uint32_t slot);

  Membership& members_;
  LeaseQueue queue_;
  LeaseEvents events_;
  LeaseOptions options_;
  std::atomic<Clock::rep> releaseTime_{0};  // what it takes to let go, lately
  std::vector<Slot> slots_;
  std::array<Part, 64> parts_;
};

}  // namespace hexpage
