// Several threads on one backend: a reader sees all of a batch or none of it.
#pragma once

#include <atomic>
#include <hexpage/testing/contract/fixture.hpp>
#include <thread>

namespace hexpage::testing {

inline constexpr std::size_t kKeys = 24;
inline constexpr int kBatches = 30;

// The item of every key has the same number.
inline Batch allSetTo(int number) {
  Batch batch;
  for (std::size_t n = 0; n < kKeys; ++n)
    batch.add(Put{"users", "key" + std::to_string(n), std::to_string(number)});
  return batch;
}

// Runs `read` in two threads, over and over, for as long as `write` runs in this one.
inline void readWhile(const std::function<void()>& read, const std::function<void()>& write) {
  std::atomic<bool> written = false;
  std::vector<std::thread> readers;
  for (int t = 0; t < 2; ++t)
    readers.emplace_back([&] {
      do read();
      while (!written);
    });
  write();
  written = true;
  for (std::thread& reader : readers) reader.join();
}

TEST_P(Contract, ThreadsGetWholeBatches) {
  makeHash("users");
  apply(allSetTo(0));
  std::vector<std::string> names;
  for (std::size_t n = 0; n < kKeys; ++n) names.push_back(numbered("key", n));
  const std::vector<std::string_view> keys(names.begin(), names.end());
  std::atomic<int> torn = 0;
  readWhile(
      [&] {
        const auto found = backend().get("users", keys);
        for (const auto& text : found)
          if (text != found.front()) ++torn;
      },
      [&] {
        for (int n = 1; n <= kBatches; ++n) apply(allSetTo(n));
      });
  EXPECT_EQ(torn, 0);
  EXPECT_EQ(get("users", "key0"), std::to_string(kBatches));
}

TEST_P(Contract, ThreadsSeeTheLengthOfWholeBatches) {
  makeHash("users");
  std::atomic<int> torn = 0;
  readWhile(
      [&] {
        if (backend().info("users")->length % kKeys != 0) ++torn;
      },
      [&] {
        for (int n = 0; n < kBatches; ++n) {
          apply(allSetTo(n));
          applyOne(Clear{"users"});
        }
      });
  EXPECT_EQ(torn, 0);
}

// Not for a moment does a reader see what a failing batch would have done.
TEST_P(Contract, ThreadsNeverSeeAFailingBatch) {
  makeHash("users", {{"ann", "1"}});
  std::atomic<int> seen = 0;
  readWhile(
      [&] {
        if (get("users", "ann") != "1" || get("users", "bob")) ++seen;
      },
      [&] {
        const Batch failing = Batch{}
                                  .add(Put{"users", "ann", "2"})
                                  .add(Put{"users", "bob", "3"})
                                  .add(Put{"nobody", "k", "1"});
        for (int n = 0; n < kBatches; ++n) EXPECT_EQ(failureOf(failing), Code::NoSuchKey);
      });
  EXPECT_EQ(seen, 0);
}

TEST_P(Contract, ThreadsScanWhatIsThereThroughoutOnce) {
  const Items there = manyItems(40);
  makeHash("users", there);
  std::atomic<int> wrong = 0;
  readWhile(
      [&] {
        const Items seen = items("users");
        for (const auto& [key, text] : there)
          if (!seen.contains(key)) ++wrong;
      },
      [&] {
        for (int n = 0; n < kBatches / 4; ++n) {
          Batch puts, removes;
          for (std::size_t k = 0; k < 30; ++k) {
            puts.add(Put{"users", numbered("flap", k), "0"});
            removes.add(Remove{"users", numbered("flap", k)});
          }
          apply(puts);
          apply(removes);
        }
      });
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(items("users"), there);
}

TEST_P(Contract, ThreadsThatWriteDifferentHashesDoNotDisturbEachOther) {
  makeHash("a");
  makeHash("b");
  std::vector<std::thread> writers;
  for (const std::string path : {"a", "b"})
    writers.emplace_back([&, path] {
      for (std::size_t n = 0; n < kKeys * 3; ++n)
        backend().apply(Batch{}.add(Put{path, numbered("key", n), std::to_string(n)}));
    });
  for (std::thread& writer : writers) writer.join();
  holds([&] {
    EXPECT_EQ(items("a"), manyItems(kKeys * 3));
    EXPECT_EQ(items("b"), manyItems(kKeys * 3));
  });
}

TEST_P(Contract, ThreadsThatWriteOneHashLoseNothing) {
  makeHash("users");
  std::vector<std::thread> writers;
  for (std::size_t t = 0; t < 3; ++t)
    writers.emplace_back([&, t] {
      for (std::size_t n = t; n < kKeys * 3; n += 3)
        backend().apply(Batch{}.add(Put{"users", numbered("key", n), std::to_string(n)}));
    });
  for (std::thread& writer : writers) writer.join();
  holds([&] {
    EXPECT_EQ(items("users"), manyItems(kKeys * 3));
    EXPECT_EQ(length("users"), static_cast<std::int64_t>(kKeys * 3));
  });
}

}  // namespace hexpage::testing
