// A thread of the library's own: signals are the program's affair, not this thread's.
#pragma once

#include <signal.h>

#include <thread>
#include <utility>

namespace hexpage {

// Blocks signals in the calling thread, and in those that it starts, to the end of the scope. Not
// those by which the system tells a thread of its own fault: blocked, they end the process, and a
// Mapping handles SIGBUS.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t blocked;
    sigfillset(&blocked);
    for (const int fault : {SIGBUS, SIGFPE, SIGILL, SIGSEGV}) sigdelset(&blocked, fault);
    pthread_sigmask(SIG_SETMASK, &blocked, &before_);
  }
  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t before_;
};

// Throws std::system_error when there is none to be had.
template <class Run>
std::thread quietThread(Run run) {
  const SignalsBlocked inherited;
  return std::thread(std::move(run));
}

}  // namespace hexpage
