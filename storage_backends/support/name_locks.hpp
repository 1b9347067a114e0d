// Locks of names across processes, which are kept no longer than they are held. A name's lock is a
// byte of the lock file, at a place that a hash of 61 bits tells.
//
// Who waits for a name stands in its gate, another byte, alone: so readers that come one after
// another do not keep a writer out for ever.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <hexpage/backend.hpp>
#include <map>
#include <mutex>
#include <optional>

#include "support/membership.hpp"

namespace hexpage {

class NameLocks {
 public:
  explicit NameLocks(Membership& members) : members_(members) {}

  // Threads of this process share a name that is held in this mode or an exclusive one; they are
  // not excluded from each other. False when the time is up.
  bool lock(std::uint64_t hash, LockMode mode, Deadline deadline);
  void unlock(std::uint64_t hash) noexcept;

 private:
  struct Name {
    LockMode mode = LockMode::Shared;
    std::size_t uses = 0;
    std::size_t waits = 0;  // threads
    bool isMoving = false;  // one of them waits for other processes

    bool admits(LockMode wanted) const {
      return !isMoving && (uses == 0 || mode == LockMode::Exclusive || wanted == LockMode::Shared);
    }
  };
  using Names = std::map<std::uint64_t, Name>;  // by their bytes

  void leave(Names::iterator entry) noexcept;

  bool lockThroughGate(std::uint64_t byte, LockMode mode, Deadline deadline);
  bool lockByte(std::uint64_t byte, LockMode mode, Deadline deadline);
  void unlockByte(std::uint64_t byte) noexcept;

  Membership& members_;
  std::mutex mutex_;
  std::condition_variable changed_;
  Names names_;
};

}  // namespace hexpage
