// Two fences that belong together: the light one costs next to nothing, the heavy one a system
// call. Of two threads that each write, pass a fence and then read, one the light and the other the
// heavy one, at least one sees what the other has written. So what is done all the time need not
// pay for what is seldom done. Two that both pass the light one have no such promise.
//
// Where the system has no such call (membarrier, Linux 4.14) both are full fences.
#pragma once

#include <linux/membarrier.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>

namespace hexpage {

inline bool registerForHeavyFences() noexcept {
  return ::syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0) == 0;
}

// False until it is known, which is right at any time: the heavy fence does not ask.
inline const bool areFencesUneven = registerForHeavyFences();

// The thread sanitizer knows no fences, and GCC says so. Nothing here orders what is not atomic:
// the loads and stores around the fences do.
#if defined(__SANITIZE_THREAD__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wtsan"
#endif
inline void fullFence() noexcept { std::atomic_thread_fence(std::memory_order_seq_cst); }
#if defined(__SANITIZE_THREAD__)
#pragma GCC diagnostic pop
#endif

inline void lightFence() noexcept {
  if (areFencesUneven)
    std::atomic_signal_fence(std::memory_order_seq_cst);
  else
    fullFence();
}

// All threads of the process that run pass a full fence within the call. It may lack memory.
inline void heavyFence() noexcept {
  fullFence();
  while (::syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0) != 0 && areFencesUneven)
    ::sched_yield();
}

}  // namespace hexpage
