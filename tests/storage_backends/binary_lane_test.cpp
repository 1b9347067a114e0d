// Who may write: threads of one process, and other openings of the store.
#include <fcntl.h>
#include <gtest/gtest.h>

#include <atomic>
#include <hexpage/error.hpp>
#include <hexpage/testing/contract/temp_dir.hpp>
#include <thread>
#include <vector>

#include "binary/lane.hpp"
#include "filesystem/posix.hpp"

namespace hexpage::kv {
namespace {

constexpr Millis kLong(30'000);

struct BinaryLane : ::testing::Test {
  BinaryLane()
      : directory(::open(dir.string().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)),
        shared(directory.get(), true, 0600),
        lane(shared, [&] { ++taken; }) {}

  testing::TempDir dir;
  Fd directory;
  SharedState shared;
  std::atomic<int> taken{0};
  Lane lane;
};

TEST_F(BinaryLane, HasOneAtATime) {
  int count = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 5'000; ++i) {
        const LaneHold hold(lane, kLong);
        ++count;
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(count, 20'000);
  EXPECT_EQ(taken, 1);
}

// Who only took it whenever it happens to be free would wait for as long as the loop goes on.
TEST_F(BinaryLane, IsHandedToWhoWaitsWhileAnotherTakesItAgainAndAgain) {
  std::atomic<int> had{0};
  lane.acquire(kLong);
  std::vector<std::thread> waiters;
  for (int w = 0; w < 3; ++w)
    waiters.emplace_back([&] {
      const LaneHold hold(lane, kLong);
      ++had;
    });
  while (had < 3) {
    lane.release();
    lane.acquire(kLong);
  }
  lane.release();
  for (std::thread& waiter : waiters) waiter.join();
}

TEST_F(BinaryLane, GoesOnAfterSomebodyGaveUp) {
  lane.acquire(kLong);
  std::atomic<bool> gaveUp{false};
  std::thread impatient([&] {
    EXPECT_THROW(lane.acquire(Millis(5)), Error);
    gaveUp = true;
  });
  std::thread patient([&] { const LaneHold hold(lane, kLong); });
  while (!gaveUp) std::this_thread::yield();
  lane.release();
  impatient.join();
  patient.join();
  const LaneHold hold(lane, Millis(0));
}

TEST_F(BinaryLane, IsKeptBetweenTransactionsUntilAnotherOpeningAsks) {
  SharedState others(directory.get(), true, 0600);
  Lane other(others, [] {});
  { const LaneHold hold(lane, kLong); }
  { const LaneHold hold(lane, kLong); }
  EXPECT_EQ(taken, 1);
  EXPECT_FALSE(others.tryLock(SharedLock::Writer, false));
  std::thread asking([&] { const LaneHold hold(other, kLong); });
  while (shared.page().isWanted == 0) std::this_thread::yield();
  lane.yieldIfWanted();
  asking.join();
  EXPECT_EQ(taken, 1);
}

// The lock goes to another opening though threads here want it all the time.
TEST_F(BinaryLane, IsGivenToAnotherOpeningWhileThreadsHereTakeTurns) {
  SharedState others(directory.get(), true, 0600);
  Lane other(others, [] {});
  std::atomic<bool> isDone{false};
  std::vector<std::thread> threads;
  for (int t = 0; t < 2; ++t)
    threads.emplace_back([&] {
      while (!isDone) const LaneHold hold(lane, kLong);
    });
  for (int i = 0; i < 20; ++i) {
    const LaneHold hold(other, kLong);
    other.yieldIfWanted();  // changes nothing while it is held
  }
  other.close();
  isDone = true;
  for (std::thread& thread : threads) thread.join();
}

TEST_F(BinaryLane, ClosingTurnsAwayWhoWaits) {
  lane.acquire(kLong);
  Code code{};
  std::thread waiter([&] {
    try {
      lane.acquire(kLong);
    } catch (const Error& error) {
      code = error.code();
    }
  });
  lane.close();
  waiter.join();
  EXPECT_EQ(code, Code::ReadOnly);
  SharedState others(directory.get(), true, 0600);
  EXPECT_FALSE(others.tryLock(SharedLock::Writer, false));
  lane.release();
  EXPECT_TRUE(others.tryLock(SharedLock::Writer, false));
}

}  // namespace
}  // namespace hexpage::kv
