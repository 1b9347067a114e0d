// locks(): exclusion, sharing, time-outs, and turns for writers.
#pragma once

#include <atomic>
#include <hexpage/testing/contract/fixture.hpp>
#include <thread>

namespace hexpage::testing {

inline constexpr Millis kNoTime{0};
inline constexpr Millis kLongTime{60'000};

class ContractLocks : public Contract {
 protected:
  Hold lock(std::string_view name, LockMode mode = LockMode::Exclusive,
            Millis timeout = kLongTime) {
    return backend().locks().acquire(name, mode, timeout);
  }

  // Whether the lock can be had at once; frees it again.
  bool isFree(std::string_view name, LockMode mode) {
    try {
      lock(name, mode, kNoTime);
      return true;
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), Code::LockTimeout);
      return false;
    }
  }
};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(ContractLocks);

TEST_P(ContractLocks, ExclusiveExcludesAll) {
  const Hold hold = lock("users");
  EXPECT_FALSE(isFree("users", LockMode::Exclusive));
  EXPECT_FALSE(isFree("users", LockMode::Shared));
}

TEST_P(ContractLocks, SharedExcludesOnlyWriters) {
  const Hold hold = lock("users", LockMode::Shared);
  EXPECT_TRUE(isFree("users", LockMode::Shared));
  EXPECT_FALSE(isFree("users", LockMode::Exclusive));
}

TEST_P(ContractLocks, OtherThreadsAreExcludedToo) {
  const Hold hold = lock("users");
  bool free = true;
  std::thread([&] { free = isFree("users", LockMode::Shared); }).join();
  EXPECT_FALSE(free);
}

TEST_P(ContractLocks, TheEndOfTheHoldFrees) {
  { const Hold hold = lock("users"); }
  EXPECT_TRUE(isFree("users", LockMode::Exclusive));
  Hold hold = lock("users");
  hold.free();
  EXPECT_TRUE(isFree("users", LockMode::Exclusive));
}

TEST_P(ContractLocks, TheLastReaderFrees) {
  Hold one = lock("users", LockMode::Shared);
  Hold other = lock("users", LockMode::Shared);
  one.free();
  EXPECT_FALSE(isFree("users", LockMode::Exclusive));
  other.free();
  EXPECT_TRUE(isFree("users", LockMode::Exclusive));
}

TEST_P(ContractLocks, AMovedHoldIsHeldOnce) {
  Hold hold = lock("users");
  {
    const Hold moved = std::move(hold);
    EXPECT_FALSE(isFree("users", LockMode::Shared));
  }
  EXPECT_TRUE(isFree("users", LockMode::Exclusive));
}

TEST_P(ContractLocks, AnyThreadMayFree) {
  Hold hold = lock("users");
  std::thread([moved = std::move(hold)]() mutable { moved.free(); }).join();
  EXPECT_TRUE(isFree("users", LockMode::Exclusive));
}

TEST_P(ContractLocks, TheTimeoutNamesTheLock) {
  const Hold hold = lock("users/of/yore");
  try {
    lock("users/of/yore", LockMode::Exclusive, Millis{5});
    FAIL() << "two hold one exclusive lock";
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), Code::LockTimeout);
    EXPECT_NE(std::string(e.what()).find("users/of/yore"), std::string::npos) << e.what();
  }
}

TEST_P(ContractLocks, ATimeoutLeavesNothingBehind) {
  Hold reader = lock("users", LockMode::Shared);
  EXPECT_THROW(lock("users", LockMode::Exclusive, Millis{5}), Error);
  EXPECT_TRUE(isFree("users", LockMode::Shared));  // no writer waits any more
  reader.free();
  EXPECT_TRUE(isFree("users", LockMode::Exclusive));
}

TEST_P(ContractLocks, OddNamesAreNames) {
  for (const std::string name : {"constructor", "__proto__", "|users", "a/b", "", "😀"}) {
    const Hold hold = lock(name);
    EXPECT_FALSE(isFree(name, LockMode::Shared)) << name;
  }
}

TEST_P(ContractLocks, LocksOfDifferentNamesAreTakenTogether) {
  std::vector<Hold> holds;
  for (const std::string name : {"a", "b", "c"}) holds.push_back(lock(name, LockMode::Shared));
  EXPECT_TRUE(isFree("b", LockMode::Shared));
}

TEST_P(ContractLocks, ThreadsWaitUntilTheLockIsFree) {
  Hold hold = lock("users");
  std::atomic<bool> freed = false;
  bool freedBefore = false;
  std::thread waiter([&] {
    const Hold mine = lock("users");
    freedBefore = freed;
  });
  freed = true;
  hold.free();
  waiter.join();
  EXPECT_TRUE(freedBefore);
}

// A reader holds the lock, a writer waits for it: readers that come later wait behind the writer.
TEST_P(ContractLocks, ThreadsThatWriteAreNotStarvedByReaders) {
  Hold reader = lock("users", LockMode::Shared);
  std::atomic<bool> written = false;
  std::thread writer([&] {
    const Hold mine = lock("users");
    written = true;
  });
  const auto deadline = std::chrono::steady_clock::now() + kLongTime;
  bool writerGoesFirst = false;
  while (!writerGoesFirst && std::chrono::steady_clock::now() < deadline) {
    writerGoesFirst = !isFree("users", LockMode::Shared);
    std::this_thread::yield();
  }
  EXPECT_TRUE(writerGoesFirst);
  EXPECT_FALSE(written);
  reader.free();
  const Hold later = lock("users", LockMode::Shared);
  EXPECT_TRUE(written);
  writer.join();
}

TEST_P(ContractLocks, ThreadsCountExactlyUnderTheLock) {
  constexpr int kThreads = 4;
  constexpr int kRounds = 200;
  int counter = 0;  // no atomic: the lock is what guards it
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t)
    threads.emplace_back([&] {
      for (int n = 0; n < kRounds; ++n) {
        const Hold mine = lock("counter");
        ++counter;
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(counter, kThreads * kRounds);
}

}  // namespace hexpage::testing
