// A lock that is nearly always shared. Readers of different threads touch different cache lines, so
// that they do not slow each other down, and pay for no atomic addition; who takes it exclusively
// looks at all of them, and pays a system call.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>

#include "support/thread_number.hpp"
#include "support/uneven_fence.hpp"

namespace hexpage {

// For std::shared_lock and std::unique_lock; freed by the thread that took it. Not re-entrant.
class ManyReadersLock {
 public:
  void lock_shared() {
    const std::size_t number = threadNumber();
    enter(number);
    if (!isExclusive_.load(std::memory_order_acquire)) return;
    unlock_shared();
    const std::lock_guard afterTheWriter(writers_);
    enter(number);
  }

  void unlock_shared() noexcept {
    const std::size_t number = threadNumber();
    std::atomic<std::uint32_t>& readers = places_[number].readers;
    if (number == kSharedNumber)
      readers.fetch_sub(1);
    else
      readers.store(readers.load(std::memory_order_relaxed) - 1, std::memory_order_release);
    lightFence();
    if (!isExclusive_.load(std::memory_order_relaxed)) return;
    // notify_all() looks for somebody who waits: who is not seen by it must see the store above.
    fullFence();
    readers.notify_all();
  }

  void lock() {
    writers_.lock();
    isExclusive_ = true;
    heavyFence();  // who has not seen the writer is seen
    for (Place& place : places_)
      for (std::uint32_t readers = place.readers; readers != 0; readers = place.readers)
        place.readers.wait(readers);
  }

  void unlock() noexcept {
    isExclusive_ = false;
    writers_.unlock();
  }

 private:
  struct alignas(64) Place {
    std::atomic<std::uint32_t> readers{0};
  };

  void enter(std::size_t number) noexcept {
    std::atomic<std::uint32_t>& readers = places_[number].readers;
    if (number == kSharedNumber)
      readers.fetch_add(1);
    else
      readers.store(readers.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    lightFence();
  }

  std::array<Place, kSharedNumber + 1> places_;
  std::atomic<bool> isExclusive_{false};
  std::mutex writers_;
};

}  // namespace hexpage
