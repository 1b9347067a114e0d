// Threads that share syncs: each returns when what it waits for is synced, and none is forgotten.
#include "support/group_sync.hpp"

#include <gtest/gtest.h>

#include <latch>
#include <stdexcept>
#include <thread>
#include <vector>

namespace hexpage {
namespace {

// A file in name only, whose positions count appends.
class SyncedFile {
 public:
  std::uint64_t append() {
    const GroupSync::Lock lock(mutex_);
    return ++end_;
  }
  // `meanwhile` is what happens, without the lock, while a sync that this thread leads runs.
  template <class Meanwhile>
  void await(std::uint64_t position, Meanwhile meanwhile) {
    GroupSync::Lock lock(mutex_);
    syncing.await(
        lock, position, [this] { return end_; },
        [&](GroupSync::Lock& held) {
          ++syncs;
          held.unlock();
          try {
            meanwhile();
          } catch (...) {
            held.lock();
            throw;
          }
          held.lock();
        });
  }
  void await(std::uint64_t position) {
    await(position, [] {});
  }
  // As a restart that syncs by itself.
  void syncAlone() {
    GroupSync::Lock lock(mutex_);
    syncing.awaitEnd(lock);
    syncing.setSynced(end_);
  }

  GroupSync syncing;
  int syncs = 0;  // read when no thread is left

 private:
  std::mutex mutex_;
  std::uint64_t end_ = 0;
};

TEST(GroupSync, TheSyncAfterOneServesAllWhoCameDuringIt) {
  constexpr int kLater = 8;
  SyncedFile file;
  std::latch haveBegun(1), haveAppended(kLater);
  std::vector<std::jthread> threads;
  threads.emplace_back([&] {
    file.await(file.append(), [&] {
      haveBegun.count_down();
      haveAppended.wait();
    });
  });
  haveBegun.wait();
  for (int i = 0; i < kLater; ++i)
    threads.emplace_back([&] {
      const std::uint64_t position = file.append();
      haveAppended.count_down();
      file.await(position);
      EXPECT_GE(file.syncing.synced(), position);
    });
  threads.clear();
  EXPECT_EQ(file.syncs, 2);
}

TEST(GroupSync, AFailureEndsTheWaitOfAll) {
  constexpr int kThreads = 8;
  SyncedFile file;
  std::latch haveAppended(kThreads);
  std::atomic<int> failed{0};
  std::vector<std::jthread> threads;
  for (int i = 0; i < kThreads; ++i)
    threads.emplace_back([&] {
      const std::uint64_t position = file.append();
      haveAppended.count_down();
      try {
        file.await(position, [&] {
          haveAppended.wait();
          throw std::runtime_error("the disk is gone");
        });
      } catch (const std::runtime_error&) {
        ++failed;
      }
    });
  threads.clear();
  EXPECT_EQ(failed, kThreads);
  EXPECT_EQ(file.syncing.synced(), 0u);
}

TEST(GroupSync, WhatWasSyncedByOtherMeansNeedsNoSync) {
  SyncedFile file;
  const std::uint64_t position = file.append();
  file.syncAlone();
  file.await(position);
  EXPECT_EQ(file.syncs, 0);
}

TEST(GroupSync, NobodyIsForgottenAmongManyThreads) {
  constexpr int kThreads = 8, kAppends = 2000;
  SyncedFile file;
  std::vector<std::jthread> threads;
  for (int i = 0; i < kThreads; ++i)
    threads.emplace_back([&, i] {
      for (int n = 0; n < kAppends; ++n) {
        const std::uint64_t position = file.append();
        if (n % 64 == i)
          file.syncAlone();
        else
          file.await(position, [] { std::this_thread::yield(); });
        ASSERT_GE(file.syncing.synced(), position);
      }
    });
  threads.clear();
  EXPECT_LE(file.syncs, kThreads * kAppends);
}

}  // namespace
}  // namespace hexpage
