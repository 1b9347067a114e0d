// Who must know that it finds itself in a forked child: a child has the parent's descriptors, and
// with them the parent's locks.
#pragma once

#include <atomic>
#include <functional>

namespace hexpage {

class ForkWatch {
 public:
  // `inChild` is called in each forked child, before fork() returns there. It may do nothing but
  // what is async-signal-safe.
  explicit ForkWatch(std::function<void()> inChild);
  ~ForkWatch();
  ForkWatch(const ForkWatch&) = delete;
  ForkWatch& operator=(const ForkWatch&) = delete;

  // Whether this is a child of the process that made it.
  bool isChild() const noexcept { return isChild_.load(std::memory_order_relaxed); }

 private:
  friend struct ForkWatches;
  std::function<void()> inChild_;
  std::atomic<bool> isChild_{false};
};

}  // namespace hexpage
