// A lock that is nearly always shared. Readers of different threads touch different cache lines, so
// that they do not slow each other down; who takes it exclusively looks at all of them.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>

namespace hexpage {

// For std::shared_lock and std::unique_lock; freed by the thread that took it. Not re-entrant.
class ManyReadersLock {
 public:
  void lock_shared() {
    Place& place = placeOfThread();
    // Either this sees the writer, or the writer sees this: both are in one order of all.
    place.readers.fetch_add(1);
    if (!isExclusive_.load()) return;
    leave(place);
    const std::lock_guard afterTheWriter(writers_);
    place.readers.fetch_add(1);
  }

  void unlock_shared() noexcept { leave(placeOfThread()); }

  void lock() {
    writers_.lock();
    isExclusive_ = true;
    for (Place& place : places_)
      for (std::uint32_t readers = place.readers; readers != 0; readers = place.readers)
        place.readers.wait(readers);
  }

  void unlock() noexcept {
    isExclusive_ = false;
    writers_.unlock();
  }

 private:
  static constexpr std::size_t kPlaces = 16;

  struct alignas(64) Place {
    std::atomic<std::uint32_t> readers{0};
  };

  Place& placeOfThread() {
    static std::atomic<std::size_t> threads{0};
    thread_local const std::size_t number = threads++;
    return places_[number % kPlaces];
  }

  void leave(Place& place) noexcept {
    place.readers.fetch_sub(1);
    if (isExclusive_) place.readers.notify_all();
  }

  std::array<Place, kPlaces> places_;
  std::atomic<bool> isExclusive_{false};
  std::mutex writers_;
};

}  // namespace hexpage
