// Makes system calls fail with an errno of choice, or kill the process, in one thread and for its
// rest: what a disk that fails does to a program, and what may happen between any two calls.
#pragma once

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <cstddef>
#include <stdexcept>
#include <thread>

namespace hexpage::testing {

// From now on each `call` (SYS_fdatasync) of this thread ends in a `SECCOMP_RET_...`.
inline void filterCalls(int call, unsigned outcome) {
  sock_filter program[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<unsigned>(call), 0, 1),
      BPF_STMT(BPF_RET | BPF_K, outcome),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog filter{4, program};
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
      ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0)
    throw std::runtime_error("seccomp is not to be had here");
}

inline void failCalls(int call, int error) {
  filterCalls(call, SECCOMP_RET_ERRNO | static_cast<unsigned>(error));
}

// The process dies before it does one, as by SIGKILL.
inline void dieAtCalls(int call) { filterCalls(call, SECCOMP_RET_KILL_PROCESS); }

// Runs the work in a thread in which the call fails.
template <class Work>
void whereFails(int call, int error, Work work) {
  std::thread([&] {
    failCalls(call, error);
    work();
  }).join();
}

}  // namespace hexpage::testing
