// What lets any number of processes work on one store directory: each slot (of a hash's state, of
// its writer) is locked by a process for as long as no other process wants it, so that most calls
// need no system call, and what is cached under a slot stays good.
//
// A lease excludes other processes only; threads of one process share it. It is not re-entrant: who
// holds a Use of a slot and asks for another one waits for itself as soon as somebody else wants
// the slot (take Use::again()). Several slots are taken with useAll(), or in ascending order.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <hexpage/backend.hpp>
#include <hexpage/types.hpp>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hexpage {

// Both are called from any thread that uses the Leases, and from its own one, with no Use of the
// slot about: they must not use the Leases but for the stamps, nor wait for who does.
struct LeaseEvents {
  // This process holds the slot exclusively and is to give it back. What it has changed under it
  // must be in place for other processes on return. When it throws, the lease is kept and this is
  // called again later, if somebody still wants the slot.
  std::function<void(std::uint32_t slot)> beforeRelease = [](std::uint32_t) {};
  // The process that had this place in the table died, and may have left changes that are not in
  // place. All of them must be on return. Only one process does this for a place at a time. When it
  // throws, the place stays unrecovered, and who wants a slot that it owned gets the error.
  std::function<void(std::uint32_t place)> recover = [](std::uint32_t) {};
};

// What this process says of itself when another one asks; longer than 4096 bytes, it is cut off.
using LeaseReporter = std::function<std::string()>;

struct LeaseOptions {
  std::string folder = ".hexpage";  // what messages call the directory
  mode_t fileMode = 0600;           // of the files that it makes
  Millis openTimeout{30'000};       // for another process to let this one in
  Millis minimalHold{2};            // how long a lease is kept at least when others want it too
  Millis idle{1'000};               // an unused lease is given back after one to two times this
};

// What another process says of itself.
struct LeaseReport {
  std::uint32_t place = 0;
  std::int64_t process = 0;         // as the system numbers it
  std::optional<std::string> text;  // what its `report` gave; nullopt: it does not answer
};

// Thread-safe. In a forked child each call throws InvalidArgument, and destructors do nothing.
class Leases {
 public:
  // Comes in, through the files `lock` and `shared` of an open directory of the store. Throws
  // LockTimeout when others do not let it in for that long, or when 64 processes have the store
  // open; NoSpace; Io.
  Leases(int directory, std::uint32_t slots, LeaseEvents events, const LeaseOptions& options = {});
  // Closes.
  ~Leases();

  // Gives everything back and leaves. When beforeRelease throws, or a stamp is still in flight, the
  // place is left for others to recover. Afterwards the events are not called any more, and a Use
  // or a Hold that is left holds nothing; no other call may follow.
  void close() noexcept;

  // Nobody else had the store open, so that the machine may have crashed. Until start() nobody else
  // gets in.
  bool wasAlone() const;
  // Before start(), by who was alone: takes that place, which nobody has, instead of its own.
  void moveTo(std::uint32_t place);
  // The same: a process that had the place has died, and may have changed what is under the slots.
  // It is recovered as one that dies from now on. `inFlight`: a lower bound of the stamp of its
  // flush that is not in place; 0: none.
  void leaveDead(std::uint32_t place, std::span<const std::uint32_t> slots, std::uint64_t inFlight);
  // The store is recovered, but for what dead processes have left, which is done when somebody
  // wants it, or soon: lets others in. Before any use(), and once.
  void start();

  // This process's place in the table, 0 to 63: no live process shares it, and no dead one that is
  // not recovered. Two Leases of one process have two.
  std::uint32_t self() const;
  // Whether this is in a forked child.
  bool isChild() const noexcept;

  // While it lives, this process holds the slot, at least in the mode that was asked for.
  class Use {
   public:
    Use() = default;
    Use(Use&& other) noexcept;
    Use& operator=(Use&& other) noexcept;
    ~Use();

    // Of this process and slot. It is another one whenever another process may have changed what is
    // under the slot since this process had it last: what was read before is void then.
    std::uint64_t epoch() const;
    // One more of the same slot and mode, at once.
    Use again() const;
    // Ends the Use, but not what it holds: that leave() of its slot does, of these Leases.
    void keep() noexcept { leases_ = nullptr; }

   private:
    friend class Leases;
    struct Access;
    Use(Access* leases, std::uint32_t slot) : leases_(leases), slot_(slot) {}
    Access* leases_ = nullptr;
    std::uint32_t slot_ = 0;
  };

  // Waits at most `timeout`. Throws LockTimeout that has `name` and, if known, who has the slot.
  Use use(std::uint32_t slot, LockMode mode, Millis timeout, std::string_view name);
  // Another process that has the slot, as the system numbers it; 0 when none is known.
  std::int64_t holder(std::uint32_t slot) const;
  // nullopt when the time is up.
  std::optional<Use> tryUse(std::uint32_t slot, LockMode mode, Millis timeout);
  // nullopt unless this process holds the slot already; makes no system call.
  std::optional<Use> useAtHand(std::uint32_t slot, LockMode mode);
  // What the end of a Use does, for one that was kept.
  void leave(std::uint32_t slot) noexcept;
  // The slots are ascending, each there once; `timeout` is for all of them together.
  std::vector<Use> useAll(std::span<const std::uint32_t> slots, LockMode mode, Millis timeout,
                          std::string_view name);

  // Stamps number the flushes of all processes of the store. One is in flight from beginStamp(),
  // which gives it, to endStamp(); a process has one at most. That of a process which died is in
  // flight until it is recovered.
  std::uint64_t beginStamp();
  void endStamp();
  // Other live processes that have one in flight, and the end of one that another process will not
  // end any more; for who recovers a process.
  std::vector<std::uint32_t> placesInFlight() const;
  void endStampOf(std::uint32_t place);
  // All flushes up to this stamp are in place.
  std::uint64_t settledStamp() const;
  // The places of processes that have died and are not recovered yet.
  std::vector<std::uint32_t> deadPlaces() const;
  // Recovers the processes that have died: their stamps are in flight until then. Throws what
  // `recover` throws. The caller keeps nothing from `recover` that it needs.
  void recoverDead();
  // Who takes over what a dead place has left says so meanwhile: another that has begun to may have
  // died before it ended, or failed.
  void beginTaking(std::uint32_t place);
  void endTaking(std::uint32_t place);
  bool mayHaveTaken(std::uint32_t taker, std::uint32_t place) const;
  // Calls work() while no process has the place or takes it, if none has it.
  void whileFree(std::uint32_t place, const std::function<void()>& work);
  // Later stamps are above this one.
  void raiseStamp(std::uint64_t atLeast);

  // Alike in all processes that have the store open: for the slot of a name. Another one after all
  // have closed it.
  std::uint64_t hash(std::string_view name) const;

  // Locks a name, which costs no slot, against other processes; nullopt when the time is up.
  // Exclusive among threads only in so far as the caller sees to it. The Hold may outlive this, and
  // holds nothing then.
  std::optional<Hold> lockName(std::string_view name, LockMode mode, Millis timeout);

  // --- who follows the store's changes, see change_bell.hpp ---

  // From now on, until it is freed, which is before this ends.
  Hold follow();
  bool isFollowed() const;
  // Something was changed. Hardly anything unless somebody sleeps.
  void tellFollowers();
  bool awaitChange(const std::function<bool()>& look, Millis timeout);
  // Whether a process has this place, or has died with it.
  bool isTaken(std::uint32_t place) const;
  // How many have, this one among them.
  std::size_t takenPlaces() const;
  // How many processes have taken one since the shared state was made. Counts after isTaken()
  // tells.
  std::uint64_t comings() const;

  // Asks every other process for its report, and calls look() with them while nobody else asks.
  // Waits for the answers at most `patience`. Throws LockTimeout when others ask for longer than
  // that.
  void askOthers(Millis patience, const std::function<void(std::span<const LeaseReport>)>& look);
  // Before start(), once.
  void reportWith(LeaseReporter reporter);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace hexpage
