// One sync of a file for all threads that wait for one: the first of them leads, the others sleep
// until it ends. Who sleeps is woken once: by the end of the sync that serves it, and needs no
// mutex then, or to lead the next. (All of them woken to ask for the mutex one after the other took
// most of the time of 32 threads.)
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <mutex>

namespace hexpage {

// Positions grow. What changes something is called under one mutex, the owner's.
class GroupSync {
 public:
  using Lock = std::unique_lock<std::mutex>;

  // Everything before it is on disk. Needs no mutex.
  std::uint64_t synced() const { return synced_; }
  // It is by other means, while no sync runs.
  void setSynced(std::uint64_t position) {
    synced_ = position;
    wakeAll();
  }

  // Returns when everything before the position is on disk; the lock may be let go of by then. When
  // a sync begins, `end` tells what it will have synced, not less than the position. `sync` may let
  // go of the lock while it works. What either of them throws, with the lock held, reaches the
  // leader; the others then lead in turn.
  template <class End, class Sync>
  void await(Lock& lock, std::uint64_t position, End end, Sync sync) {
    while (synced() < position) {
      if (!isSyncing_) return lead(lock, end, sync);
      const bool isServed = position <= target_;
      hasLater_ = hasLater_ || !isServed;
      sleep(lock, isServed ? number_ : number_ + 1);
      if (synced() >= position) return;
      lock.lock();
    }
  }

  // Returns when no sync runs.
  void awaitEnd(Lock& lock) {
    while (isSyncing_) {
      sleep(lock, number_);
      lock.lock();
    }
  }

 private:
  using Word = std::atomic<std::uint32_t>;

  Word& endOf(std::size_t number) { return ends_[number % ends_.size()]; }

  void sleep(Lock& lock, std::size_t number) {
    Word& end = endOf(number);
    const std::uint32_t before = end;
    lock.unlock();
    end.wait(before);
  }

  void wakeAll() {
    hasLater_ = false;
    for (Word& end : ends_) {
      ++end;
      end.notify_all();
    }
  }

  template <class End, class Sync>
  void lead(Lock& lock, End& end, Sync& sync) {
    isSyncing_ = true;
    hasLater_ = false;
    ++number_;
    try {
      target_ = end();
      sync(lock);
    } catch (...) {
      isSyncing_ = false;
      wakeAll();
      throw;
    }
    conclude(lock);
  }

  void conclude(Lock& lock) {
    synced_ = target_;
    isSyncing_ = false;
    const bool hasLater = hasLater_;
    Word& served = endOf(number_);
    Word& later = endOf(number_ + 1);
    lock.unlock();
    ++served;
    served.notify_all();
    if (!hasLater) return;
    ++later;
    later.notify_one();
  }

  std::atomic<std::uint64_t> synced_{0};
  bool isSyncing_ = false;
  std::size_t number_ = 0;      // of the sync, this or the last one
  std::uint64_t target_ = 0;    // what it will have synced
  bool hasLater_ = false;       // somebody sleeps whom it does not serve
  std::array<Word, 2> ends_{};  // each changes when a sync of an even or of an odd number ends
};

}  // namespace hexpage
