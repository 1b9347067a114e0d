// Lets allocations of one thread fail: what a program meets whose memory runs out. Linked with the
// operator new of this program.
#pragma once

#include <cstddef>

namespace hexpage::testing {

// While it lives, allocations of this thread by operator new throw std::bad_alloc: the n-th from
// here, counted from 1, and with Then::All those after it as well.
class FailingAllocations {
 public:
  enum class Then { None, All };

  explicit FailingAllocations(std::size_t nth, Then then = Then::None) noexcept;
  ~FailingAllocations() { end(); }
  FailingAllocations(const FailingAllocations&) = delete;
  FailingAllocations& operator=(const FailingAllocations&) = delete;

  // Whether one has failed. Ends it.
  bool end() noexcept;
};

}  // namespace hexpage::testing
