// Keeps what lock-free readers may still look at until none of them can. A reader is in an epoch
// while it has a Guard; a snapshot pins the epoch of its beginning. What was taken out of reach
// (`retire`) is freed once everybody who began before is gone.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <list>
#include <mutex>
#include <set>

namespace hexpage::kv {

// For a thread's short reads; may be nested.
class EpochGuard {
 public:
  EpochGuard();
  EpochGuard(const EpochGuard&) = delete;
  EpochGuard& operator=(const EpochGuard&) = delete;
  ~EpochGuard();
};

// Thread-safe.
class Reclaimer {
 public:
  ~Reclaimer() { freeAll(); }

  // What there is no memory to note is never freed.
  void retire(std::function<void()> free) noexcept;
  // Frees what can be freed.
  void collect() noexcept;
  // Frees everything: nobody reads any more.
  void freeAll();

  std::uint64_t pin();
  void unpin(std::uint64_t epoch) noexcept;

 private:
  struct Retired {
    std::uint64_t epoch;
    std::function<void()> free;
  };

  std::atomic<std::size_t> waiting_{0};  // how many are retired
  std::mutex mutex_;
  std::list<Retired> retired_;
  std::multiset<std::uint64_t> pins_;
};

}  // namespace hexpage::kv
