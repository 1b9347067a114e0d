// Who waits for whom among the owners of several locks, so that a wait in a circle is known when it
// begins. Knows only owners; who holds one lock and waits for none closes no circle.
#pragma once

#include <cstdint>
#include <hexpage/backend.hpp>
#include <mutex>
#include <unordered_map>
#include <vector>

namespace hexpage {

// A lock is told by its address. All calls are thread-safe; owner 0 is ignored.
class WaitGraph {
 public:
  void hold(LockOwner owner, const void* lock);
  void free(LockOwner owner, const void* lock);

  // Notes that the owner waits for the lock until stopWaiting. Gives false, and notes nothing, when
  // somebody that it would wait for waits for it.
  bool startWaiting(LockOwner owner, const void* lock);
  void stopWaiting(LockOwner owner);

 private:
  struct Wait {
    const void* lock;
    std::uint64_t turn;  // of two that wait for one lock, the lower one goes first
  };

  // The owners that somebody who waits so lets go first.
  std::vector<LockOwner> before(const Wait& wait) const;
  bool leadsTo(const Wait& first, LockOwner owner) const;

  std::mutex mutex_;
  std::unordered_multimap<const void*, LockOwner> holders_;
  std::unordered_map<LockOwner, Wait> waits_;
  std::uint64_t lastTurn_ = 0;
};

}  // namespace hexpage
