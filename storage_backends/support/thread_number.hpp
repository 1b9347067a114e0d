// A small number for each thread that runs, for tables with a place for each. There are more
// threads than numbers at times: those that come too late have one in common.
#pragma once

#include <cstddef>

namespace hexpage {

inline constexpr std::size_t kSharedNumber = 31;  // the others, below it, are of one thread each

namespace thread_number {

inline constexpr std::size_t kNone = kSharedNumber + 1;
inline constinit thread_local std::size_t ofThread = kNone;

// The thread has it until it ends, when another may get it.
std::size_t take() noexcept;

}  // namespace thread_number

inline std::size_t threadNumber() noexcept {
  const std::size_t number = thread_number::ofThread;
  return number != thread_number::kNone ? number : thread_number::take();
}

}  // namespace hexpage
