#include "src/cli/child.hpp"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <hexpage/error.hpp>
#include <string_view>

namespace hexpage::cli {
namespace {

constexpr int kCanNotRun = 126;
constexpr int kNoSuchCommand = 127;

// All that awaitEnd() waits for. Blocked, so that none is missed between two waits; the threads of
// a Storage block all signals.
sigset_t awaitedSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGCHLD}) sigaddset(&signals, signal);
  return signals;
}

void say(std::string_view text) {
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, text.data(), text.size());
}

// In the child of a process that may have threads: only calls that are async-signal-safe.
[[noreturn]] void become(char* const* words, std::string_view complaint, pid_t parent,
                         const sigset_t& mask) {
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (::getppid() != parent) ::_exit(128 + SIGTERM);  // it died before
  for (const int ignored : {SIGPIPE, SIGXFSZ}) ::signal(ignored, SIG_DFL);
  ::pthread_sigmask(SIG_SETMASK, &mask, nullptr);
  ::execvp(words[0], words);
  const int reason = errno;
  say(complaint);
  say(::strerrordesc_np(reason));
  say("\n");
  ::_exit(reason == ENOENT ? kNoSuchCommand : kCanNotRun);
}

pid_t start(const std::vector<std::string>& command, const sigset_t& mask) {
  const std::string complaint = "hexpage: " + command.front() + ": ";
  std::vector<char*> words;
  for (const std::string& word : command) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child < 0) throw Error(Code::Io, std::string("fork: ") + std::strerror(errno));
  if (child == 0) become(words.data(), complaint, parent, mask);
  return child;
}

// The terminal gives its signals to the child as well.
bool isOfTerminal(const siginfo_t& signal) { return signal.si_code == SI_KERNEL; }

int endCodeOf(int status) {
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int awaitEnd(pid_t child, const sigset_t& signals) {
  for (;;) {
    siginfo_t signal;
    const int number = ::sigwaitinfo(&signals, &signal);
    if (number < 0) continue;  // this program was stopped, and goes on
    int status = 0;
    if (number != SIGCHLD) {
      if (!isOfTerminal(signal)) ::kill(child, number);
    } else if (::waitpid(child, &status, WNOHANG) == child) {
      return endCodeOf(status);
    }
  }
}

}  // namespace

int runChild(const std::vector<std::string>& command) {
  ::signal(SIGCHLD, SIG_DFL);  // where it is ignored nobody is told how a child ended
  const sigset_t signals = awaitedSignals();
  sigset_t before;
  ::pthread_sigmask(SIG_BLOCK, &signals, &before);
  return awaitEnd(start(command, before), signals);
}

}  // namespace hexpage::cli
