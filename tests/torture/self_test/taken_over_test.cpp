// Who dies while it recovers another process: at each of its changing system calls, with a third
// process that goes on writing.
#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <hexpage/storage.hpp>
#include <hexpage/testing/contract/temp_dir.hpp>
#include <stdexcept>

#include "tests/torture/child.hpp"
#include "tests/torture/progress.hpp"
#include "tests/torture/tracer.hpp"

namespace hexpage::torture {
namespace {

using hexpage::testing::TempDir;

constexpr std::chrono::seconds kLimit{30};

class Pipe {
 public:
  Pipe() {
    if (::pipe(ends_.data()) != 0) throw std::runtime_error("pipe");
  }
  ~Pipe() {
    ::close(ends_[0]);
    ::close(ends_[1]);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  void tell() const {
    if (::write(ends_[1], "x", 1) != 1) throw std::runtime_error("write");
  }
  void await() const {
    pollfd end{.fd = ends_[0], .events = POLLIN, .revents = 0};
    char byte;
    if (::poll(&end, 1, 1000 * static_cast<int>(kLimit.count())) != 1 ||
        ::read(ends_[0], &byte, 1) != 1)
      throw std::runtime_error("nobody tells anything");
  }

 private:
  std::array<int, 2> ends_;
};

class TakenOver : public ::testing::Test {
 protected:
  Json config() const {
    return {{"sync_interval", 600'000}, {"filesystem", {{"base_dir", dir_.string() + "/store"}}}};
  }

  // Has the store open from the beginning to the end, and writes in between.
  void keep() const {
    Storage storage = Storage::open(config());
    isOpen_.tell();
    goOn_.await();
    storage.hashPut("h", "k", 2);
    storage.sync();
    hasWritten_.tell();
    goOn_.await();
  }

  void die() const {
    Storage storage = Storage::open(config());
    storage.hashPut("h", "k", 1);
    ::kill(::getpid(), SIGKILL);
  }

  // Whether it was killed before it came to its nth changing call.
  bool recoverUntil(std::size_t n) const {
    const auto progress = makeShared<Progress>();
    const pid_t child = startChild(*progress, kLimit, [&] {
      awaitTracer();
      showCalls(changingGroups());
      Storage::open(config());
    });
    std::size_t calls = 0;
    bool isKilled = false;
    trace(child, [&](const Call& call) -> Action {
      if (!call.isChanging() || ++calls != n) return {};
      isKilled = true;
      return {Action::KillBefore};
    });
    return isKilled;
  }

  void expectWritten() const {
    const auto failure = runInChild(kLimit, [&] {
      Storage storage = Storage::open(config());
      const Json value = storage.hashGet("h", "k");
      if (value != 2) throw std::runtime_error("the value is " + value.dump());
      if (storage.hashGetInfo("h").length != 1) throw std::runtime_error("the length is wrong");
    });
    EXPECT_FALSE(failure) << *failure;
  }

  TempDir dir_;
  Pipe isOpen_, goOn_, hasWritten_;
};

// What the recoverer had flushed was placed once more, over what the third had written since.
TEST_F(TakenOver, NothingIsPlacedOverWhatOthersHaveWrittenSince) {
  bool isKilled = true;
  for (std::size_t n = 1; isKilled && !HasFailure(); ++n) {
    SCOPED_TRACE("killed before call " + std::to_string(n));
    const auto progress = makeShared<Progress>();
    const pid_t keeper = startChild(*progress, kLimit, [&] { keep(); });
    isOpen_.await();
    EXPECT_TRUE(runInChild(kLimit, [&] { die(); }));
    isKilled = recoverUntil(n);
    goOn_.tell();
    hasWritten_.await();
    expectWritten();
    goOn_.tell();
    EXPECT_FALSE(waitFor(keeper, *progress));
    EXPECT_TRUE(n < 10'000);
  }
}

}  // namespace
}  // namespace hexpage::torture
