#include "child.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <exception>
#include <system_error>

namespace hexpage::torture {
namespace {

constexpr int kFailed = 1;

[[noreturn]] void runAndExit(Progress& progress, std::chrono::seconds limit,
                             const std::function<void()>& work) {
  ::setpgid(0, 0);
  ::signal(SIGPIPE, SIG_IGN);
  ::signal(SIGXFSZ, SIG_IGN);
  ::alarm(static_cast<unsigned>(limit.count()));
  try {
    work();
  } catch (const std::exception& e) {
    progress.say(e.what());
    ::_exit(kFailed);
  }
  ::_exit(0);
}

}  // namespace

pid_t startChild(Progress& progress, std::chrono::seconds limit,
                 const std::function<void()>& work) {
  const pid_t child = ::fork();
  if (child < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (child == 0) runAndExit(progress, limit, work);
  ::setpgid(child, child);  // here too: whichever comes first
  return child;
}

std::optional<std::string> failureOf(int status, const Progress& progress) {
  if (WIFSIGNALED(status)) {
    const int signal = WTERMSIG(status);
    if (signal == SIGALRM) return "did not come to an end in time";
    return std::string("ended by signal: ") + ::strsignal(signal);
  }
  if (WEXITSTATUS(status) == 0) return std::nullopt;
  if (progress.failure[0] != '\0') return progress.failure;
  return "exit code " + std::to_string(WEXITSTATUS(status));
}

std::optional<std::string> waitFor(pid_t child, const Progress& progress) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0)
    if (errno != EINTR) throw std::system_error(errno, std::generic_category(), "waitpid");
  return failureOf(status, progress);
}

std::optional<std::string> runInChild(std::chrono::seconds limit,
                                      const std::function<void()>& work) {
  const auto progress = makeShared<Progress>();
  return waitFor(startChild(*progress, limit, work), *progress);
}

}  // namespace hexpage::torture
