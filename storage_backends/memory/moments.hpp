// The moments that views look back on. A view shares what was there with those who write on: who is
// about to change a segment, or a directory of segments, that a view may have changes a copy.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <set>

namespace hexpage {

class Moments {
 public:
  using Number = std::uint32_t;

  // The newest that is looked back on; 0 when none is. Who sees that one has ended sees what was
  // read for it as over.
  Number newest() const noexcept { return newest_.load(std::memory_order_acquire); }
  // Whether somebody looks back on a moment when that was there already which was made, or copied,
  // while `madeAt` was the newest.
  bool have(Number madeAt) const noexcept { return newest() > madeAt; }

  Number begin() {  // nobody uses the store meanwhile
    const std::lock_guard guard(mutex_);
    living_.insert(last_ + 1);
    newest_.store(++last_, std::memory_order_release);
    return last_;
  }

  void end(Number moment) noexcept {
    const std::lock_guard guard(mutex_);
    living_.erase(moment);
    newest_.store(living_.empty() ? 0 : *living_.rbegin(), std::memory_order_release);
  }

 private:
  std::mutex mutex_;
  std::set<Number> living_;
  Number last_ = 0;
  std::atomic<Number> newest_{0};
};

}  // namespace hexpage
