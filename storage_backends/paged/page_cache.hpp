// How much of the pages all hashes together may keep in memory, and how much they do.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace hexpage {

struct CacheLimits {
  std::size_t bytes = std::size_t{128} << 20;
  std::size_t pages = 0;       // 0: no limit
  std::int64_t ageMillis = 0;  // 0: no limit
};

class PageCache {
 public:
  explicit PageCache(CacheLimits limits) : limits_(limits) {}

  void add(std::size_t bytes) { bytes_ += bytes, ++pages_; }
  void remove(std::size_t bytes) { bytes_ -= bytes, --pages_; }

  bool isOver() const { return holdsMoreThan(1, 1); }
  // A sweep goes on until there is room for a while.
  // `more`: with so many bytes more.
  bool isNearlyFull(std::size_t more = 0) const { return holdsMoreThan(3, 4, more); }
  std::int64_t ageMillis() const { return limits_.ageMillis; }

 private:
  bool holdsMoreThan(std::size_t part, std::size_t of, std::size_t more = 0) const {
    return bytes_ + more > limits_.bytes / of * part ||
           (limits_.pages && pages_ > limits_.pages / of * part);
  }

  CacheLimits limits_;
  std::atomic<std::size_t> bytes_{0};
  std::atomic<std::size_t> pages_{0};
};

}  // namespace hexpage
