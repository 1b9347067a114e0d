// A thread of the library's own.
#pragma once

#include <signal.h>

#include <thread>
#include <utility>

#include "support/at_end.hpp"

namespace hexpage {

// Signals are the program's affair, not this thread's. Throws std::system_error when there is none
// to be had.
template <class Run>
std::thread quietThread(Run run) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  const AtEnd restore([&] { pthread_sigmask(SIG_SETMASK, &before, nullptr); });
  return std::thread(std::move(run));
}

}  // namespace hexpage
