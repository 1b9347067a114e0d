// onChange and onExpired over every store: what is told, in which order, by which thread.
#include <array>
#include <condition_variable>
#include <set>
#include <thread>

#include "src/events.hpp"
#include "tests/support/fixed_clock.hpp"
#include "tests/support/stores.hpp"

namespace hexpage::testing {
namespace {

using namespace std::chrono_literals;

// What was told so far, each event as a line.
class Told {
 public:
  void operator()(const ChangeEvent& event) {
    std::string line(name(event.kind));
    line += " " + event.path;
    if (!event.key.empty()) line += " " + event.key;
    if (!event.text.empty()) line += " " + event.text;
    if (!event.from.empty()) line += " from " + event.from;
    add(line);
  }

  void add(std::string line) {
    {
      std::lock_guard guard(mutex_);
      lines_.push_back(std::move(line));
    }
    grown_.notify_all();
  }

  // The first `count` lines, as soon as they are there; whatever has come by then after too long.
  std::vector<std::string> wait(std::size_t count) {
    std::unique_lock lock(mutex_);
    grown_.wait_for(lock, 20s, [&] { return lines_.size() >= count; });
    return lines_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable grown_;
  std::vector<std::string> lines_;
};

using Lines = std::vector<std::string>;

}  // namespace

class EventsOfStores : public ::testing::TestWithParam<StoreKind> {
 protected:
  Storage& storage() { return *store_; }

  auto tell(Told& told) {
    return [&told](const ChangeEvent& event) { told(event); };
  }
  auto tellExpired(Told& told) {
    return
        [&told](const std::string& key, const Json& value) { told.add(key + " " + value.dump()); };
  }

  FixedClock clock_;
  TestStore store_{GetParam(), Json::object(), clock_};
};

INSTANTIATE_TEST_SUITE_P(Stores, EventsOfStores,
                         ::testing::Values(inMemory(), rawFiles(), bufferedFiles()), storeName);

TEST_P(EventsOfStores, EachChangeIsToldInItsOrder) {
  Told told;
  const Subscription subscription = storage().onChange("", tell(told));
  storage().hashPut("h", "a", 1);
  storage().hashPut("h", "a", 2);
  storage().hashDelete("h", "a");
  storage().hashPutMulti("h", {{"b", "x"}, {"c", true}});
  storage().hashRename("h", "i");
  storage().hashCopy("i", "copy");
  storage().hashDeleteAll("i");
  storage().hashDeleteAll("i", true);
  storage().put("record", {{"a", 1}});
  storage().erase("record");
  EXPECT_EQ(told.wait(12),
            (Lines{"create h", "put h a 1", "put h a 2", "delete h a", "put h b \"x\"",
                   "put h c true", "rename i from h", "replace copy", "clear i", "drop i",
                   "put_record record {\"a\":1}", "erase_record record"}));
}

TEST_P(EventsOfStores, WhatChangesNothingIsNotTold) {
  storage().hashPut("h", "a", 1);
  Told told;
  const Subscription subscription = storage().onChange("", tell(told));
  storage().hashCreate("h");
  storage().hashDeleteMulti("h", {"b", "c"});
  storage().erase("record");
  EXPECT_THROW(storage().hashDelete("h", "b"), Error);
  EXPECT_FALSE(storage().hashPutIf("h", "a", 2, 3));
  EXPECT_EQ(storage().hashDeleteMatching("h", {.by = MatchBy::Prefix, .pattern = "b"}), 0u);
  storage().hashRename("h", "h");
  storage().hashPut("h", "end", 1);
  EXPECT_EQ(told.wait(1), (Lines{"put h end 1"}));
}

TEST_P(EventsOfStores, OnlyWhatBeginsWithThePrefix) {
  Told told;
  const Subscription subscription = storage().onChange("Users/", tell(told));
  storage().hashPut("users", "a", 1);
  storage().hashPut("users/x", "b", 2);
  storage().hashRename("users", "users/y");
  storage().hashRename("users/y", "others");
  EXPECT_EQ(told.wait(4), (Lines{"create users/x", "put users/x b 2", "rename users/y from users",
                                 "rename others from users/y"}));
}

TEST_P(EventsOfStores, ATransactionIsToldWhenItIsCommitted) {
  storage().hashPut("h", "a", 1);
  Told told;
  const Subscription subscription = storage().onChange("h", tell(told));
  {
    Transaction tx = storage().begin({"h"});
    tx.hashPut("h", "lost", 1);
  }
  Transaction tx = storage().begin({"h"});
  tx.hashPut("h", "b", 2);
  tx.hashDelete("h", "a");
  storage().hashPut("h2", "between", 1);
  tx.commit();
  EXPECT_EQ(told.wait(4), (Lines{"create h2", "put h2 between 1", "put h b 2", "delete h a"}));
}

TEST_P(EventsOfStores, AnExpiryIsToldOnceWhenTheItemIsRemoved) {
  Told changes, expired, others;
  const Subscription all = storage().onChange("h", tell(changes));
  const Subscription ours = storage().onExpired("H", tellExpired(expired));
  const Subscription theirs = storage().onExpired("other", tellExpired(others));
  storage().hashPut("h", "a", {{"n", 1}}, {.ttl = 1s});
  storage().hashPut("h", "b", 2, {.ttl = 1s});
  storage().hashPut("h", "c", 3, {.ttl = 1h});
  clock_.advance(1s);
  storage().hashPut("h", "b", 4);  // it takes the place of what has expired
  EXPECT_FALSE(storage().hashHas("h", "a"));
  EXPECT_EQ(storage().hashSweep("h"), 1u);
  EXPECT_EQ(storage().hashSweep("h"), 0u);
  storage().hashDelete("h", "c");
  EXPECT_EQ(changes.wait(7).back(), "delete h c");
  EXPECT_EQ(changes.wait(7)[5], "expire h a {\"n\":1}");
  EXPECT_EQ(expired.wait(1), (Lines{"a {\"n\":1}"}));
  EXPECT_EQ(others.wait(0), Lines{});
}

TEST_P(EventsOfStores, WhatAHandlerPutsStays) {
  Told expired;
  Subscription again = storage().onExpired("h", [&](const std::string& key, const Json& value) {
    storage().hashPut("h", key, value.get<int>() + 1, {.ttl = 1min});
    expired.add(key);
  });
  storage().hashPut("h", "a", 1, {.ttl = 1s});
  clock_.advance(1s);
  EXPECT_EQ(storage().hashSweep("h"), 1u);
  expired.wait(1);
  EXPECT_EQ(storage().hashGet("h", "a"), 2);
  EXPECT_EQ(storage().hashTimeToLive("h", "a"), Millis(1min));
}

TEST_P(EventsOfStores, NothingIsToldAfterTheSubscriptionHasEnded) {
  Told first, second;
  Subscription one = storage().onChange("", tell(first));
  const Subscription two = storage().onChange("", tell(second));
  storage().put("a", 1);
  first.wait(1);
  one.cancel();
  storage().put("b", 2);
  second.wait(2);
  EXPECT_EQ(first.wait(1), (Lines{"put_record a 1"}));
}

TEST_P(EventsOfStores, ASubscriptionMayEndItselfOrOutliveItsStore) {
  Told told;
  Subscription once;
  once = storage().onChange("", [&](const ChangeEvent& event) {
    once.cancel();
    told(event);
  });
  Subscription longest = storage().onChange("", tell(told));
  storage().put("a", 1);
  storage().put("b", 2);
  EXPECT_EQ(told.wait(3).size(), 3u);
  store_.close();
  longest.cancel();
  store_.open();
}

TEST_P(EventsOfStores, WhatAHandlerThrowsEndsItsCallAlone) {
  Told told;
  const Subscription bad = storage().onChange(
      "", [](const ChangeEvent& event) { throw std::runtime_error("no " + event.key); });
  const Subscription good = storage().onChange("", tell(told));
  EXPECT_EQ(storage().eventProblem(), "");
  storage().hashPutMulti("h", {{"a", 1}, {"b", 2}});
  EXPECT_EQ(told.wait(3), (Lines{"create h", "put h a 1", "put h b 2"}));
  EXPECT_EQ(storage().eventProblem(), "h: no b");
}

TEST_P(EventsOfStores, TheLastOnesAreToldBeforeTheStoreCloses) {
  Told told;
  const Subscription subscription = storage().onChange("", tell(told));
  for (int n = 0; n < 200; ++n) storage().hashPut("h", "k", n);
  store_.close();
  EXPECT_EQ(told.wait(0).size(), 201u);
  EXPECT_EQ(told.wait(0).back(), "put h k 199");
  store_.open();
}

TEST_P(EventsOfStores, ThreadsAreToldInTheOrderOfTheirCommits) {
  Told told;
  const Subscription subscription = storage().onChange("n", tell(told));
  std::vector<std::thread> threads;
  for (int t = 0; t < 2; ++t)
    threads.emplace_back([&] {
      for (int n = 0; n < 100; ++n) storage().hashIncrement("n", "k");
    });
  for (std::thread& thread : threads) thread.join();
  const Lines lines = told.wait(201);
  ASSERT_EQ(lines.size(), 201u);
  for (std::size_t n = 1; n <= 200; ++n) EXPECT_EQ(lines[n], "put n k " + std::to_string(n));
}

TEST(Sweep, OfTwoStoresRemovesAndTellsEachItemOnce) {
  const FixedClock clock;
  const TempDir dir;
  const Json config = rawFiles().config((dir.path() / "data").string());
  std::array<Told, 2> told;
  std::array<std::size_t, 2> removed{};
  {
    // They outlive the stores, which tell the last events at their end.
    std::vector<Subscription> subscriptions;
    std::array stores{Storage::open(config, clock), Storage::open(config, clock)};
    for (std::size_t n = 0; n < 2; ++n)
      subscriptions.push_back(stores[n].onExpired(
          "h", [&told, n](const std::string& key, const Json&) { told[n].add(key); }));
    Json items = Json::object();
    for (int n = 0; n < 200; ++n) items["k" + std::to_string(n)] = n;
    stores[0].hashPutMulti("h", items, {.ttl = 1s});
    FixedClock(clock).advance(1s);
    std::thread other([&] { removed[1] = stores[1].hashSweep("h"); });
    removed[0] = stores[0].hashSweep("h");
    other.join();
  }
  EXPECT_EQ(removed[0] + removed[1], 200u);
  std::set<std::string> keys;
  for (std::size_t n = 0; n < 2; ++n) {
    const Lines lines = told[n].wait(0);
    EXPECT_EQ(lines.size(), removed[n]);
    keys.insert(lines.begin(), lines.end());
  }
  EXPECT_EQ(keys.size(), 200u);
}

// Once there was a subscription every change went the slow way, also after its end.
TEST(Events, KnowWhenTheLastOneWhoAskedHasGone) {
  Events events;
  EXPECT_FALSE(events.isAnybodyThere());
  const auto subscribe = [&] {
    return events.subscribe([](std::string_view) { return true; }, [](const ChangeEvent&) {});
  };
  Subscription first = subscribe();
  {
    const Subscription second = subscribe();
    first.cancel();
    first.cancel();
    EXPECT_TRUE(events.isAnybodyThere());
  }
  EXPECT_FALSE(events.isAnybodyThere());
  const Subscription again = subscribe();
  EXPECT_TRUE(events.isAnybodyThere());
  events.finish();
  EXPECT_FALSE(events.isAnybodyThere());
}

// The clock stands, the sweeper's intervals do not.
TEST(Sweeper, RemovesWhatHasExpiredByItself) {
  FixedClock clock;
  for (const StoreKind& kind : {inMemory(), rawFiles()}) {
    SCOPED_TRACE(kind.name);
    TestStore store(kind, {{"sweep_interval", 1}}, clock);
    Told expired;
    const Subscription subscription =
        store->onExpired("h", [&](const std::string& key, const Json&) { expired.add(key); });
    store->hashPut("other", "k", 1);
    store->hashPut("h", "a", 1, {.ttl = 1s});
    store->hashPut("h", "b", 1, {.ttl = 1h});
    clock.advance(1s);
    EXPECT_EQ(expired.wait(1), Lines{"a"});
    EXPECT_EQ(store->hashGetInfo("h").length, 1u);
    EXPECT_EQ(store->sweepProblem(), "");
  }
}

}  // namespace hexpage::testing
