// The whole API from many threads on one Storage. Rounds are counted, not timed.
#include <atomic>
#include <thread>

#include "tests/support/stores.hpp"

namespace hexpage::testing {
namespace {

constexpr int kWriters = 3;
constexpr int kChanges = 40;

class StorageThreads : public ::testing::TestWithParam<StoreKind> {
 protected:
  void TearDown() override {
    expectClean(store_->verify());
    store_.reopen();
    expectClean(store_->verify());
  }

  // Runs each job in a thread of its own until it is done; `beside` over and over meanwhile.
  template <class Beside>
  static void run(std::vector<std::function<void()>> jobs, Beside beside) {
    std::atomic<bool> done = false;
    std::thread other([&] {
      do beside();
      while (!done);
    });
    runAll(std::move(jobs));
    done = true;
    other.join();
  }

  static void runAll(std::vector<std::function<void()>> jobs) {
    std::vector<std::thread> threads;
    for (auto& job : jobs) threads.emplace_back(std::move(job));
    for (std::thread& thread : threads) thread.join();
  }

  static std::string key(int writer, int n) {
    return "w" + std::to_string(writer) + "-" + std::to_string(n);
  }

  TestStore store_{GetParam()};
};

INSTANTIATE_TEST_SUITE_P(Stores, StorageThreads,
                         ::testing::Values(inMemory(), rawFiles(), md5Files(), binaryStore()),
                         storeName);

TEST_P(StorageThreads, WritersOfOneHashLoseNothing) {
  store_->hashCreate("h", {{"page_size", 5}});
  std::vector<std::function<void()>> writers;
  for (int w = 0; w < kWriters; ++w)
    writers.push_back([&, w] {
      for (int n = 0; n < kChanges; ++n) store_->hashPut("h", key(w, n), n);
      for (int n = 0; n < kChanges; n += 2) store_->hashDelete("h", key(w, n));
    });
  runAll(std::move(writers));
  EXPECT_EQ(store_->hashGetInfo("h").length, kWriters * kChanges / 2u);
  EXPECT_EQ(store_->hashGetAll("h").size(), kWriters * kChanges / 2u);
}

TEST_P(StorageThreads, UpdatesOfOneItemAreAllThere) {
  store_->hashPut("h", "counts", Json::object());
  std::vector<std::function<void()>> writers;
  for (int w = 0; w < kWriters; ++w)
    writers.push_back([&, w] {
      for (int n = 0; n < kChanges; ++n) store_->hashUpdate("h", "counts", {{key(w, n), n}});
    });
  runAll(std::move(writers));
  EXPECT_EQ(store_->hashGet("h", "counts").size(), static_cast<std::size_t>(kWriters * kChanges));
}

TEST_P(StorageThreads, ReadersSeeAMultiWhole) {
  const auto allSetTo = [](int n) {
    Json records = Json::object();
    for (int k = 0; k < 30; ++k) records["key" + std::to_string(k)] = n;
    return records;
  };
  store_->hashPutMulti("h", allSetTo(0), {.create = {{"page_size", 3}}});
  std::vector<std::string> keys;
  for (int k = 0; k < 30; ++k) keys.push_back("key" + std::to_string(k));
  std::atomic<int> torn = 0;
  run({[&] {
        for (int n = 1; n <= kChanges; ++n) store_->hashPutMulti("h", allSetTo(n));
      }},
      [&] {
        const auto found = store_->hashGetMulti("h", keys);
        for (const auto& value : found)
          if (value != found.front()) ++torn;
      });
  EXPECT_EQ(torn, 0);
}

TEST_P(StorageThreads, LoopsSeeWhatIsThereThroughoutOnce) {
  Json records = Json::object();
  for (int k = 0; k < 80; ++k) records["key" + std::to_string(k)] = k;
  store_->hashPutMulti("h", records, {.create = {{"page_size", 4}}});
  std::atomic<int> wrong = 0;
  std::vector<std::function<void()>> writers;
  for (int w = 0; w < 2; ++w)
    writers.push_back([&, w] {
      for (int round = 0; round < 3; ++round) {
        for (int n = 0; n < kChanges; ++n) store_->hashPut("h", key(w, n), n);
        for (int n = 0; n < kChanges; ++n) store_->hashDelete("h", key(w, n));
      }
    });
  run(std::move(writers), [&] {
    std::map<std::string, int> seen;
    for (const auto& [name, value] : store_->hashItems("h")) ++seen[name];
    for (const auto& [name, times] : seen)
      if (times != 1) ++wrong;
    for (const auto& [name, value] : records.items())
      if (!seen.contains(name)) ++wrong;
  });
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(store_->hashGetInfo("h").length, 80u);
}

// Every put sets both members of a pair, so that a copy that has one without the other is torn.
TEST_P(StorageThreads, CopiesAreOfOneMoment) {
  store_->hashPutMulti("h", {{"a", 0}, {"b", 0}}, {.create = {{"page_size", 1}}});
  std::atomic<int> torn = 0;
  run({[&] {
        for (int n = 1; n <= kChanges; ++n) store_->hashPutMulti("h", {{"a", n}, {"b", n}});
      }},
      [&] {
        store_->hashCopy("h", "copy");
        const auto pair = store_->hashGetMulti("copy", {"a", "b"});
        if (pair[0] != pair[1] || store_->hashGetInfo("copy").length != 2) ++torn;
      });
  EXPECT_EQ(torn, 0);
}

TEST_P(StorageThreads, RenamesToAndFroLoseNothing) {
  store_->hashPutMulti("one", {{"a", 1}, {"b", 2}}, {.create = {{"page_size", 1}}});
  runAll({[&] {
            for (int n = 0; n < kChanges; ++n) failureOf([&] { store_->hashRename("one", "two"); });
          },
          [&] {
            for (int n = 0; n < kChanges; ++n) failureOf([&] { store_->hashRename("two", "one"); });
          }});
  EXPECT_NE(store_->has("one"), store_->has("two"));
  const std::string path = store_->has("one") ? "one" : "two";
  EXPECT_EQ(store_->hashGetAll(path).size(), 2u);
}

TEST_P(StorageThreads, CreateAndDropBesidePutsStaySound) {
  runAll({[&] {
            for (int n = 0; n < kChanges; ++n) store_->hashPut("h", key(0, n), n);
          },
          [&] {
            for (int n = 0; n < kChanges; ++n) failureOf([&] { store_->hashDeleteAll("h", true); });
          },
          [&] {
            for (int n = 0; n < kChanges; ++n) store_->hashCreate("h", {{"page_size", 3}});
          }});
  const HashInfo info = store_->hashCreate("h");
  EXPECT_EQ(info.length, store_->hashGetAll("h").size());
}

TEST_P(StorageThreads, EveryCallBesideEveryOther) {
  store_->hashCreate("shared", {{"page_size", 3}});
  std::vector<std::function<void()>> jobs;
  for (int w = 0; w < kWriters; ++w)
    jobs.push_back([&, w] {
      const std::string own = "own" + std::to_string(w);
      for (int n = 0; n < kChanges / 2; ++n) {
        store_->hashPutMulti(own, {{key(w, n), n}, {key(w, n + 1), n}});
        store_->hashPutText("shared", key(w, n), "{}");
        store_->hashMerge("shared", key(w, n), {{"n", n}});
        store_->put("records/" + own, n);
        store_->hashDeleteMulti(own, {key(w, n)});
        store_->hashSetPageSize(own, 1 + n % 7);
        EXPECT_EQ(store_->get("records/" + own), n);
      }
    });
  run(std::move(jobs), [&] {
    store_->hashes();
    store_->list();
    store_->hashGetAll("shared");
    expectClean(store_->verify());
  });
  EXPECT_EQ(store_->hashGetInfo("shared").length, kWriters * (kChanges / 2u));
  for (int w = 0; w < kWriters; ++w)
    EXPECT_EQ(store_->hashGetInfo("own" + std::to_string(w)).length, 1u);
}

// A writer that waited for room slept on for ever when another than the background thread made it.
TEST(StorageRoom, AWriterGoesOnWhoeverFlushes) {
  TestStore store({"buffered", "filesystem", Json::object(), true, 3'600'000});
  constexpr int kHashes = 8;
  std::vector<Item> items;  // in four batches more pages than may wait for their files
  for (int n = 0; n < 2'100; ++n) items.push_back({std::to_string(n), "0"});
  std::atomic<bool> done = false;
  std::thread other([&] {
    while (!done) {
      for (int n = 0; n < 2'000 && !done; ++n) store->hashes();
      store->sync();
    }
  });
  for (int round = 0; round < 6 * kHashes; ++round)
    store->hashPutTexts("h" + std::to_string(round % kHashes), items,
                        {.create = {{"page_size", 1}}});
  done = true;
  other.join();
  for (int n = 0; n < kHashes; ++n)
    EXPECT_EQ(store->hashGetInfo("h" + std::to_string(n)).length, items.size());
}

}  // namespace
}  // namespace hexpage::testing
