#include "src/cli/stop.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <hexpage/error.hpp>

namespace hexpage::cli {
namespace {

std::atomic<int> stopSignal{0};
// Readable once a signal came, so that a wait for input can not miss one.
std::atomic<int> stopEvent{-1};

void rememberSignal(int signal) {
  const int savedErrno = errno;
  stopSignal = signal;
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(stopEvent, &one, sizeof one);
  errno = savedErrno;
}

// A signal that whoever started the program made it ignore (nohup) stays ignored.
bool isIgnored(int signal) {
  struct sigaction current {};
  return ::sigaction(signal, nullptr, &current) == 0 && current.sa_handler == SIG_IGN;
}

}  // namespace

void stopAtSafePoints() {
  if (stopEvent >= 0) return;
  stopEvent = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  struct sigaction action {};
  action.sa_handler = rememberSignal;
  action.sa_flags = SA_RESTART | static_cast<int>(SA_RESETHAND);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP})
    if (!isIgnored(signal)) ::sigaction(signal, &action, nullptr);
}

void throwIfStopped() {
  if (const int signal = stopSignal) throw Stopped{signal};
}

void awaitInput(int descriptor) {
  throwIfStopped();
  std::array<pollfd, 2> waits{{{descriptor, POLLIN, 0}, {stopEvent, POLLIN, 0}}};
  while (::poll(waits.data(), waits.size(), -1) < 0)
    if (errno != EINTR) throw Error(Code::Io, std::string("poll: ") + std::strerror(errno));
  throwIfStopped();
}

void restFor(std::chrono::milliseconds time) {
  throwIfStopped();
  const auto end = std::chrono::steady_clock::now() + time;
  for (auto left = time; left.count() > 0; left = std::chrono::ceil<std::chrono::milliseconds>(
                                               end - std::chrono::steady_clock::now())) {
    pollfd wait{stopEvent, POLLIN, 0};
    constexpr std::int64_t kLongest = 3'600'000;  // poll takes an int
    ::poll(&wait, 1, static_cast<int>(std::min<std::int64_t>(left.count(), kLongest)));
    throwIfStopped();
  }
}

}  // namespace hexpage::cli
