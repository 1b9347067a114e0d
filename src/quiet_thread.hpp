// A thread of the library's own. Signals are the program's affair, not this thread's.
#pragma once

#include <signal.h>

#include <thread>
#include <utility>

namespace hexpage {

template <class Run>
std::thread quietThread(Run run) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  std::thread thread(std::move(run));
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return thread;
}

}  // namespace hexpage
