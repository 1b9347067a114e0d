// A forked process that does some work of a test, and a line to talk with it.
#pragma once

#include <gtest/gtest.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <utility>

namespace hexpage::testing {

// One end of a line on which short messages go, whole and in order.
class Line {
 public:
  explicit Line(int fd) : fd_(fd) {}
  Line(Line&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  ~Line() {
    if (fd_ >= 0) ::close(fd_);
  }

  void say(const std::string& message) const {
    if (::send(fd_, message.data(), message.size(), MSG_NOSIGNAL) < 0)
      throw std::runtime_error("the other process is gone");
  }

  // Waits for the next message; throws when none comes within half a minute or the other end
  // closes.
  std::string hear() const {
    if (!hasMessage(30'000)) throw std::runtime_error("the other process says nothing");
    std::string message(4096, '\0');
    const ssize_t size = ::recv(fd_, message.data(), message.size(), 0);
    if (size <= 0) throw std::runtime_error("the other process is gone");
    message.resize(static_cast<std::size_t>(size));
    return message;
  }

  bool hasMessage(int withinMillis) const {
    pollfd ready{fd_, POLLIN, 0};
    return ::poll(&ready, 1, withinMillis) == 1;
  }

 private:
  int fd_;
};

// Waits until no other thread of this process runs. A child that is forked while one is inside the
// allocator of a sanitizer, which does not prepare for a fork, waits for its lock for ever.
inline void awaitIdleThreads() {
  const auto isIdle = [] {
    const std::string self = std::to_string(::gettid());
    for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
      if (task.path().filename() == self) continue;
      std::ifstream file(task.path() / "stat");
      const std::string stat(std::istreambuf_iterator<char>(file), {});
      const std::size_t name = stat.rfind(')');  // the state follows it
      if (name != std::string::npos && stat.at(name + 2) != 'S') return false;
    }
    return true;
  };
  while (!isIdle()) ::sched_yield();
}

// Its work is given the line. A failed expectation or a throw in it makes it end with a status
// other than 0. It dies with the test.
class Process {
 public:
  template <class Work>
  explicit Process(Work work) : Process(std::move(work), makeLine()) {}
  Process(Process&& other) noexcept
      : line_(std::move(other.line_)), pid_(std::exchange(other.pid_, -1)) {}
  ~Process() {
    if (pid_ < 0) return;
    kill(SIGKILL);
    waitForEnd();
  }

  pid_t pid() const { return pid_; }
  void say(const std::string& message) const { line_.say(message); }
  std::string hear() const { return line_.hear(); }
  bool hasMessage(int withinMillis) const { return line_.hasMessage(withinMillis); }

  void kill(int signal) const { ::kill(pid_, signal); }

  // Returns when the process has stopped after SIGSTOP.
  void stop() const {
    kill(SIGSTOP);
    ::waitpid(pid_, nullptr, WUNTRACED);
  }

  // How it ended, as waitpid() tells.
  int waitForEnd() {
    int status = 0;
    ::waitpid(std::exchange(pid_, -1), &status, 0);
    return status;
  }

  void expectSuccess() { EXPECT_EQ(waitForEnd(), 0); }

 private:
  static std::pair<Line, Line> makeLine() {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
      throw std::runtime_error("no socket pair");
    return {Line(ends[0]), Line(ends[1])};
  }

  template <class Work>
  Process(Work work, std::pair<Line, Line> ends) : line_(std::move(ends.first)) {
    awaitIdleThreads();
    pid_ = ::fork();
    if (pid_ < 0) throw std::runtime_error("no process");
    if (pid_ > 0) return;
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    { const Line closed(std::move(line_)); }
    try {
      work(ends.second);
    } catch (const std::exception& e) {
      std::fprintf(stderr, "forked process: %s\n", e.what());
      std::_Exit(1);
    }
    std::_Exit(::testing::Test::HasFailure() ? 1 : 0);
  }

  Line line_;
  pid_t pid_ = -1;
};

}  // namespace hexpage::testing
