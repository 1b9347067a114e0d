// Who dies while it recovers another process, or fails to: at each of its changing system calls,
// with a third process that goes on writing.
#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <hexpage/error.hpp>
#include <hexpage/storage.hpp>
#include <hexpage/testing/contract/temp_dir.hpp>
#include <stdexcept>
#include <thread>

#include "tests/torture/child.hpp"
#include "tests/torture/progress.hpp"
#include "tests/torture/tracer.hpp"

namespace hexpage::torture {
namespace {

using hexpage::testing::TempDir;

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
    if (::poll(&end, 1, 1000 * static_cast<int>(kChildLimit.count())) != 1 ||
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
    if (storage.hashGet("h", "k") != 1) throw std::runtime_error("it is not as it was left");
    storage.hashPut("h", "k", 2);
    storage.sync();
    hasWritten_.tell();
    goOn_.await();
  }

  // What it leaves to be done makes a difference when it is done twice.
  void die() const {
    Storage storage = Storage::open(config());
    storage.hashPut("h", "k", 0);
    storage.hashPut("g", "k", 1);
    storage.sync();
    storage.transaction({"g", "h", "third"}, [](Transaction& swap) {
      swap.hashRename("h", "third");
      swap.hashRename("g", "h");
      swap.hashRename("third", "g");
    });
    ::kill(::getpid(), SIGKILL);
  }

  // Whether it was killed before it came to its nth changing call.
  bool recoverUntil(std::size_t n) const {
    const auto progress = makeShared<Progress>();
    const pid_t child = startChild(*progress, kChildLimit, [&] {
      awaitTracer();
      showCalls(changingGroups());
      Storage::open(config()).hashGet("h", "k");
    });
    return killBeforeChange(child, n);
  }

  enum class End { Closed, Killed };

  // Reads what the dead one has written, and lives on until others have written too.
  void readAndLiveOn(Progress& progress, End end) const {
    awaitTracer();
    showCalls(changingGroups());
    Storage storage = Storage::open(config());
    isOpen_.tell();
    hasDied_.await();
    progress.begun = 1;
    try {
      storage.hashGet("h", "k");
    } catch (const Error&) {
    }
    progress.acknowledged = 1;
    goOn_.tell();
    hasWritten_.await();
    if (end == End::Killed) ::kill(::getpid(), SIGKILL);
  }

  // Gives what it has written to the next who wants it.
  void giveAway(Progress& progress) const {
    awaitTracer();
    showCalls(changingGroups());
    Storage storage = Storage::open(config());
    storage.hashPut("h", "k", 1);
    progress.begun = 1;
    goOn_.tell();
    hasWritten_.await();
    ::kill(::getpid(), SIGKILL);
  }

  // Whether the nth write of the child's other threads, which give away, was made to fail.
  static bool failWhileGivingAway(std::size_t n, pid_t child, const Progress& progress) {
    std::size_t calls = 0;
    trace(child, [&](const Call& call) -> Action {
      const bool isCounted =
          progress.begun != 0 && call.thread != child && call.group == Group::Write;
      if (!isCounted || ++calls != n) return {};
      return {Action::Fail, EIO};
    });
    return calls >= n;
  }

  // Traces the child; whether the nth changing call of its reading was made to fail.
  static bool failAt(std::size_t n, pid_t child, const Progress& progress) {
    std::size_t calls = 0;
    trace(child, [&](const Call& call) -> Action {
      const bool isReading = progress.begun != 0 && progress.acknowledged == 0;
      if (!isReading || call.thread != child || !call.isChanging() || ++calls != n) return {};
      return {Action::Fail, EIO};
    });
    return calls >= n;
  }

  void failAtEachCall(End end) const {
    bool isDue = true;
    for (std::size_t n = 1; isDue && !HasFailure(); ++n) {
      SCOPED_TRACE("call " + std::to_string(n) + " failed");
      const auto ofKeeper = makeShared<Progress>(), ofDead = makeShared<Progress>(),
                 ofReader = makeShared<Progress>();
      const pid_t keeper = startChild(*ofKeeper, kChildLimit, [&] { keep(); });
      isOpen_.await();
      const pid_t dead = startChild(*ofDead, kChildLimit, [&] {
        isOpen_.await();
        die();
      });
      const pid_t reader =
          startChild(*ofReader, kChildLimit, [&] { readAndLiveOn(*ofReader, end); });
      std::thread inOrder([&] {
        EXPECT_TRUE(waitFor(dead, *ofDead));
        hasDied_.tell();
      });
      isDue = failAt(n, reader, *ofReader);
      inOrder.join();
      EXPECT_STREQ(ofReader->failure, "");
      expectWritten();
      goOn_.tell();
      EXPECT_FALSE(waitFor(keeper, *ofKeeper));
      EXPECT_TRUE(n < 10'000);
    }
  }

  void expectWritten() const {
    const auto failure = runInChild(kChildLimit, [&] {
      Storage storage = Storage::open(config());
      const Json value = storage.hashGet("h", "k");
      if (value != 2) throw std::runtime_error("the value is " + value.dump());
      if (storage.hashGetInfo("h").length != 1) throw std::runtime_error("the length is wrong");
      if (storage.hashFind("g", "k").value_or(0) != 0) throw std::runtime_error("swapped again");
      storage.hashDeleteAll("h", true);
    });
    EXPECT_FALSE(failure) << *failure;
  }

  TempDir dir_;
  Pipe isOpen_, goOn_, hasWritten_, hasDied_;
};

// What the recoverer had flushed was placed once more, over what the third had written since.
TEST_F(TakenOver, NothingIsPlacedOverWhatOthersHaveWrittenSince) {
  bool isKilled = true;
  for (std::size_t n = 1; isKilled && !HasFailure(); ++n) {
    SCOPED_TRACE("killed before call " + std::to_string(n));
    const auto progress = makeShared<Progress>();
    const pid_t keeper = startChild(*progress, kChildLimit, [&] { keep(); });
    isOpen_.await();
    EXPECT_TRUE(runInChild(kChildLimit, [&] { die(); }));
    isKilled = recoverUntil(n);
    goOn_.tell();
    hasWritten_.await();
    expectWritten();
    goOn_.tell();
    EXPECT_FALSE(waitFor(keeper, *progress));
    EXPECT_TRUE(n < 10'000);
  }
}

// What the recoverer could not place it lived on with, and it was placed once more when it was
// gone.
TEST_F(TakenOver, NothingIsPlacedOfWhoFailedAndClosedLater) { failAtEachCall(End::Closed); }
TEST_F(TakenOver, NothingIsPlacedOfWhoFailedAndWasKilledLater) { failAtEachCall(End::Killed); }

// Who had placed everything and could not say so in its journal gave the lease away, died, and had
// it placed once more.
TEST_F(TakenOver, NothingIsPlacedOfWhoCouldNotSayThatItIs) {
  bool isDue = true;
  for (std::size_t n = 1; isDue && !HasFailure(); ++n) {
    SCOPED_TRACE("write " + std::to_string(n) + " failed");
    const auto ofKeeper = makeShared<Progress>(), ofGiver = makeShared<Progress>();
    const pid_t keeper = startChild(*ofKeeper, kChildLimit, [&] { keep(); });
    isOpen_.await();
    const pid_t giver = startChild(*ofGiver, kChildLimit, [&] { giveAway(*ofGiver); });
    isDue = failWhileGivingAway(n, giver, *ofGiver);
    EXPECT_STREQ(ofGiver->failure, "");
    expectWritten();
    goOn_.tell();
    EXPECT_FALSE(waitFor(keeper, *ofKeeper));
    EXPECT_TRUE(n < 10'000);
  }
}

}  // namespace
}  // namespace hexpage::torture
