// While it is there the count is odd: who reads several values meanwhile reads them again.
#pragma once

#include <atomic>
#include <cstdint>

namespace hexpage::kv {

class Applying {
 public:
  explicit Applying(std::atomic<std::uint64_t>& count) : count_(count) { count_.fetch_add(1); }
  Applying(const Applying&) = delete;
  Applying& operator=(const Applying&) = delete;
  ~Applying() { count_.fetch_add(1); }

 private:
  std::atomic<std::uint64_t>& count_;
};

}  // namespace hexpage::kv
