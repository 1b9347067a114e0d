// locks(): exclusion, sharing, time-outs, and turns for writers.
#pragma once

#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <hexpage/testing/contract/fixture.hpp>
#include <thread>
#include <tuple>

namespace hexpage::testing {

inline constexpr Millis kNoTime{0};
inline constexpr Millis kLongTime{60'000};

inline Hold acquire(Backend& backend, std::string_view name, LockMode mode = LockMode::Exclusive,
                    Millis timeout = kLongTime) {
  return backend.locks().acquire(LockSpace::Writer, name, mode, timeout);
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

// Whether the item's lock can be had at once; frees it again.
inline bool isItemFree(Backend& backend, std::string_view path, std::string_view key) {
  try {
    backend.locks().acquireItem(path, key, kNoTime);
    return true;
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), Code::LockTimeout);
    EXPECT_NE(std::string(e.what()).find(path), std::string::npos) << e.what();
    return false;
  }
}

TEST_P(Contract, LocksOfItemsExcludeTheWriterOfTheirHash) {
  Hold hold = backend().locks().acquireItem("users", "ann", kLongTime);
  EXPECT_FALSE(isFree(backend(), "users", LockMode::Exclusive));
  hold.free();
  EXPECT_TRUE(isFree(backend(), "users", LockMode::Exclusive));
}

TEST_P(Contract, LocksOfItemsAreNotHadBesideTheirHashs) {
  Hold hold = acquire(backend(), "users");
  bool free = true;
  std::thread([&] { free = isItemFree(backend(), "users", "ann"); }).join();
  EXPECT_FALSE(free);
  hold.free();
  EXPECT_TRUE(isItemFree(backend(), "users", "ann"));
}

TEST_P(Contract, LocksOfItemsExcludeThemselves) {
  const Hold hold = backend().locks().acquireItem("users", "ann", kLongTime);
  EXPECT_FALSE(isItemFree(backend(), "users", "ann"));
}

// Two threads know the item's lock only, two the hash's.
TEST_P(Contract, LocksOfItemsLetThreadsCountExactly) {
  constexpr int kRounds = 200;
  int counter = 0;  // no atomic: the locks are what guards it
  std::vector<std::thread> threads;
  for (const bool isOfItem : {true, true, false, false})
    threads.emplace_back([&, isOfItem] {
      for (int n = 0; n < kRounds; ++n) {
        const Hold mine = isOfItem ? backend().locks().acquireItem("counters", "hits", kLongTime)
                                   : acquire(backend(), "counters");
        ++counter;
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(counter, 4 * kRounds);
}

TEST_P(Contract, LocksOfUsersAndOfWritersNeverMeet) {
  const Hold writer = acquire(backend(), "users");
  const Hold user =
      backend().locks().acquire(LockSpace::User, "users", LockMode::Exclusive, kNoTime);
  EXPECT_THROW(backend().locks().acquire(LockSpace::User, "users", LockMode::Shared, kNoTime),
               Error);
}

inline std::vector<Hold> acquireAll(Backend& backend, const std::vector<std::string_view>& paths,
                                    Millis timeout = kLongTime, LockOwner owner = 0) {
  return backend.locks().acquireAll(paths, LockMode::Exclusive, timeout, owner);
}

TEST_P(Contract, LocksOfSeveralPathsAreTakenTogetherEqualOnesOnce) {
  const std::vector<Hold> holds = acquireAll(backend(), {"b", "a", "b"});
  EXPECT_FALSE(isFree(backend(), "a", LockMode::Shared));
  EXPECT_FALSE(isFree(backend(), "b", LockMode::Shared));
  EXPECT_TRUE(isFree(backend(), "c", LockMode::Exclusive));
}

TEST_P(Contract, LocksOfSeveralPathsAreAllHeldOrNone) {
  for (const std::string held : {"a", "b", "c"}) {
    const Hold hold = acquire(backend(), held);
    EXPECT_THROW(acquireAll(backend(), {"a", "b", "c"}, kNoTime), Error);
    for (const std::string other : {"a", "b", "c"})
      EXPECT_EQ(isFree(backend(), other, LockMode::Exclusive), other != held) << other;
  }
}

// Whoever takes several takes them in one order: named the other way round they wait in no circle.
TEST_P(Contract, LocksOfSeveralPathsNeverWaitInACircleThreads) {
  int counter = 0;
  const auto count = [&](const std::vector<std::string_view>& paths) {
    for (int n = 0; n < 100; ++n) {
      const std::vector<Hold> holds = acquireAll(backend(), paths);
      ++counter;
    }
  };
  std::thread one([&] { count({"a", "b"}); });
  std::thread other([&] { count({"b", "a"}); });
  one.join();
  other.join();
  EXPECT_EQ(counter, 200);
}

TEST_P(Contract, LocksOfAnOwnerAreNotWaitedForByItself) {
  const LockOwner owner = newLockOwner();
  const auto take = [&] {
    return backend().locks().acquire(LockSpace::Writer, "users", LockMode::Exclusive, kLongTime,
                                     owner);
  };
  const Hold hold = take();
  EXPECT_THROW(take(), Error);
}

// Three owners hold one lock each and want the next one's: one of them is told at once and lets
// go, and the others get what they want.
TEST_P(Contract, LocksOfThreadsThatWouldWaitInACircleAreRefused) {
  constexpr std::array<std::string_view, 3> kNames = {"a", "b", "c"};
  std::atomic<int> holding = 0;
  std::atomic<int> refused = 0;
  std::vector<std::thread> threads;
  for (std::size_t n = 0; n < kNames.size(); ++n)
    threads.emplace_back([&, n] {
      const LockOwner owner = newLockOwner();
      const auto take = [&](std::string_view name) {
        return backend().locks().acquire(LockSpace::Writer, name, LockMode::Exclusive, kLongTime,
                                         owner);
      };
      const Hold first = take(kNames[n]);
      for (++holding; holding < 3;) std::this_thread::yield();
      try {
        const Hold second = take(kNames[(n + 1) % kNames.size()]);
      } catch (const Error& e) {
        EXPECT_EQ(e.code(), Code::LockTimeout);
        ++refused;
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(refused, 1);
}

TEST_P(Contract, LocksAreListedWhileHeldAndWaitedFor) {
  Hold hold = acquire(backend(), "users", LockMode::Shared);
  const Hold user =
      backend().locks().acquire(LockSpace::User, "mine", LockMode::Exclusive, kNoTime);
  std::thread waiter([&] { acquire(backend(), "users"); });
  std::vector<LockEntry> entries;
  const auto deadline = std::chrono::steady_clock::now() + kLongTime;
  while (entries.size() < 3 && std::chrono::steady_clock::now() < deadline)
    entries = backend().locks().list();
  hold.free();
  waiter.join();
  ASSERT_EQ(entries.size(), 3u);
  std::sort(entries.begin(), entries.end(), [](const LockEntry& a, const LockEntry& b) {
    return std::tie(a.name, a.isWaiting) < std::tie(b.name, b.isWaiting);
  });
  EXPECT_EQ(entries[0].name, "mine");
  EXPECT_EQ(entries[0].space, LockSpace::User);
  EXPECT_EQ(entries[1].name, "users");
  EXPECT_EQ(entries[1].mode, LockMode::Shared);
  EXPECT_FALSE(entries[1].isWaiting);
  EXPECT_EQ(entries[2].mode, LockMode::Exclusive);
  EXPECT_TRUE(entries[2].isWaiting);
  for (const LockEntry& entry : entries) EXPECT_EQ(entry.process, ::getpid());
}

TEST_P(Contract, LocksThatAreFreeAreNotListed) {
  { const std::vector<Hold> holds = acquireAll(backend(), {"a", "b"}); }
  EXPECT_TRUE(backend().locks().list().empty());
}

}  // namespace hexpage::testing
