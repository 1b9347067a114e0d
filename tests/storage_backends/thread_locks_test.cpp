// The locks of threads that a store in memory is built on.
#include <gtest/gtest.h>

#include <chrono>
#include <mutex>
#include <set>
#include <shared_mutex>
#include <thread>
#include <vector>

#include "support/many_readers_lock.hpp"
#include "support/small_mutex.hpp"
#include "support/thread_number.hpp"

namespace hexpage {
namespace {

template <class Work>
void inThreads(std::size_t count, Work work) {
  std::vector<std::thread> threads;
  for (std::size_t n = 0; n < count; ++n) threads.emplace_back([&work, n] { work(n); });
  for (std::thread& thread : threads) thread.join();
}

TEST(SmallMutex, LetsOneInAtATime) {
  SmallMutex mutex;
  std::size_t count = 0;
  inThreads(4, [&](std::size_t) {
    for (int i = 0; i < 20'000; ++i) {
      const std::lock_guard guard(mutex);
      ++count;
    }
  });
  EXPECT_EQ(count, 80'000u);
}

// It is held for longer than anybody spins; one that nobody woke would sleep for an hour.
TEST(SmallMutex, WakesThoseWhoSleep) {
  SmallMutex mutex;
  std::size_t count = 0;
  inThreads(4, [&](std::size_t) {
    for (int i = 0; i < 300; ++i) {
      ASSERT_TRUE(mutex.lockUntil(SmallMutex::Deadline::clock::now() + std::chrono::hours(1)));
      const std::lock_guard guard(mutex, std::adopt_lock);
      for (volatile int turn = 0; turn < 50'000;) turn = turn + 1;
      ++count;
    }
  });
  EXPECT_EQ(count, 1200u);
}

TEST(SmallMutex, GivesUpWhenTheTimeIsOver) {
  SmallMutex mutex;
  const std::lock_guard guard(mutex);
  inThreads(1, [&](std::size_t) {
    EXPECT_FALSE(mutex.try_lock());
    EXPECT_FALSE(mutex.lockUntil(SmallMutex::Deadline::clock::now()));
    EXPECT_FALSE(mutex.passUntil(SmallMutex::Deadline::clock::now()));
  });
}

// Some threads have a place of their own in the lock, the others share one.
TEST(ManyReadersLock, ShowsNoReaderHalfOfAChange) {
  ManyReadersLock lock;
  std::size_t first = 0, second = 0;
  inThreads(kSharedNumber + 5, [&](std::size_t thread) {
    for (int i = 0; i < 200; ++i) {
      if (thread % 8 == 0 && i % 10 == 0) {
        const std::unique_lock writing(lock);
        ++first;
        if (i % 20 == 0) std::this_thread::yield();
        ++second;
      } else {
        const std::shared_lock reading(lock);
        EXPECT_EQ(first, second);
        if (i % 50 == 1) std::this_thread::yield();
      }
    }
  });
  EXPECT_EQ(first, second);
  EXPECT_EQ(first, (kSharedNumber + 5 + 7) / 8 * 20);
}

TEST(ThreadNumber, IsOfOneThreadAtATime) {
  const std::size_t mine = threadNumber();
  EXPECT_EQ(threadNumber(), mine);
  std::set<std::size_t> seen;
  for (int i = 0; i < 100; ++i) inThreads(1, [&](std::size_t) { seen.insert(threadNumber()); });
  EXPECT_EQ(seen.size(), 1u) << "what a thread gives back at its end is there for the next";
  EXPECT_FALSE(seen.contains(mine));
  EXPECT_FALSE(seen.contains(kSharedNumber));
}

}  // namespace
}  // namespace hexpage
