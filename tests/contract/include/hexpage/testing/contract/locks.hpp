// locks(): exclusion, sharing, time-outs, and turns for writers.
#pragma once

#include <atomic>
#include <hexpage/testing/contract/fixture.hpp>
#include <thread>

namespace hexpage::testing {

inline constexpr Millis kNoTime{0};
inline constexpr Millis kLongTime{60'000};

inline Hold acquire(Backend& backend, std::string_view name, LockMode mode = LockMode::Exclusive,
                    Millis timeout = kLongTime) {
  return backend.locks().acquire(name, mode, timeout);
}

// Whether the lock can be had at once; frees it again.
inline bool isFree(Backend& backend, std::string_view name, LockMode mode) {
  try {
    acquire(backend, name, mode, kNoTime);
    return true;
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), Code::LockTimeout);
    return false;
  }
}

TEST_P(Contract, AnExclusiveLockExcludesAll) {
  const Hold hold = acquire(backend(), "users");
  EXPECT_FALSE(isFree(backend(), "users", LockMode::Exclusive));
  EXPECT_FALSE(isFree(backend(), "users", LockMode::Shared));
}

TEST_P(Contract, ASharedLockExcludesOnlyWriters) {
  const Hold hold = acquire(backend(), "users", LockMode::Shared);
  EXPECT_TRUE(isFree(backend(), "users", LockMode::Shared));
  EXPECT_FALSE(isFree(backend(), "users", LockMode::Exclusive));
}

TEST_P(Contract, LocksExcludeOtherThreadsToo) {
  const Hold hold = acquire(backend(), "users");
  bool free = true;
  std::thread([&] { free = isFree(backend(), "users", LockMode::Shared); }).join();
  EXPECT_FALSE(free);
}

TEST_P(Contract, ALockIsFreeAfterItsHold) {
  { const Hold hold = acquire(backend(), "users"); }
  EXPECT_TRUE(isFree(backend(), "users", LockMode::Exclusive));
  Hold hold = acquire(backend(), "users");
  hold.free();
  EXPECT_TRUE(isFree(backend(), "users", LockMode::Exclusive));
}

TEST_P(Contract, ALockIsFreeAfterItsLastReader) {
  Hold one = acquire(backend(), "users", LockMode::Shared);
  Hold other = acquire(backend(), "users", LockMode::Shared);
  one.free();
  EXPECT_FALSE(isFree(backend(), "users", LockMode::Exclusive));
  other.free();
  EXPECT_TRUE(isFree(backend(), "users", LockMode::Exclusive));
}

TEST_P(Contract, ALockMovesWithItsHold) {
  Hold hold = acquire(backend(), "users");
  {
    const Hold moved = std::move(hold);
    EXPECT_FALSE(isFree(backend(), "users", LockMode::Shared));
  }
  EXPECT_TRUE(isFree(backend(), "users", LockMode::Exclusive));
}

TEST_P(Contract, LocksMayBeFreedByOtherThreads) {
  Hold hold = acquire(backend(), "users");
  std::thread([moved = std::move(hold)]() mutable { moved.free(); }).join();
  EXPECT_TRUE(isFree(backend(), "users", LockMode::Exclusive));
}

TEST_P(Contract, ALockTimeoutNamesTheLock) {
  const Hold hold = acquire(backend(), "users/of/yore");
  try {
    acquire(backend(), "users/of/yore", LockMode::Exclusive, Millis{5});
    FAIL() << "two hold one exclusive lock";
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), Code::LockTimeout);
    EXPECT_NE(std::string(e.what()).find("users/of/yore"), std::string::npos) << e.what();
  }
}

TEST_P(Contract, ALockTimeoutLeavesNothingBehind) {
  Hold reader = acquire(backend(), "users", LockMode::Shared);
  EXPECT_THROW(acquire(backend(), "users", LockMode::Exclusive, Millis{5}), Error);
  EXPECT_TRUE(isFree(backend(), "users", LockMode::Shared));  // no writer waits any more
  reader.free();
  EXPECT_TRUE(isFree(backend(), "users", LockMode::Exclusive));
}

TEST_P(Contract, ALockMayHaveAnyName) {
  for (const std::string name : {"constructor", "__proto__", "|users", "a/b", "", "😀"}) {
    const Hold hold = acquire(backend(), name);
    EXPECT_FALSE(isFree(backend(), name, LockMode::Shared)) << name;
  }
}

TEST_P(Contract, LocksOfDifferentNamesAreTakenTogether) {
  std::vector<Hold> holds;
  for (const std::string name : {"a", "b", "c"})
    holds.push_back(acquire(backend(), name, LockMode::Shared));
  EXPECT_TRUE(isFree(backend(), "b", LockMode::Shared));
}

TEST_P(Contract, LocksOfThreadsAreWaitedFor) {
  Hold hold = acquire(backend(), "users");
  std::atomic<bool> freed = false;
  bool freedBefore = false;
  std::thread waiter([&] {
    const Hold mine = acquire(backend(), "users");
    freedBefore = freed;
  });
  freed = true;
  hold.free();
  waiter.join();
  EXPECT_TRUE(freedBefore);
}

// A reader holds the lock, a writer waits for it: readers that come later wait behind the writer.
TEST_P(Contract, LocksOfThreadsThatWriteAreNotStarved) {
  Hold reader = acquire(backend(), "users", LockMode::Shared);
  std::atomic<bool> written = false;
  std::thread writer([&] {
    const Hold mine = acquire(backend(), "users");
    written = true;
  });
  const auto deadline = std::chrono::steady_clock::now() + kLongTime;
  bool writerGoesFirst = false;
  while (!writerGoesFirst && std::chrono::steady_clock::now() < deadline) {
    writerGoesFirst = !isFree(backend(), "users", LockMode::Shared);
    std::this_thread::yield();
  }
  EXPECT_TRUE(writerGoesFirst);
  EXPECT_FALSE(written);
  reader.free();
  const Hold later = acquire(backend(), "users", LockMode::Shared);
  EXPECT_TRUE(written);
  writer.join();
}

TEST_P(Contract, LocksOfThreadsLetThemCountExactly) {
  constexpr int kThreads = 4;
  constexpr int kRounds = 200;
  int counter = 0;  // no atomic: the lock is what guards it
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t)
    threads.emplace_back([&] {
      for (int n = 0; n < kRounds; ++n) {
        const Hold mine = acquire(backend(), "counter");
        ++counter;
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(counter, kThreads * kRounds);
}

}  // namespace hexpage::testing
