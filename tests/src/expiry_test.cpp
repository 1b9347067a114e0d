// Expiry over every store: what has expired is not there, for any call, and what decides when.
#include <limits>

#include "tests/support/fixed_clock.hpp"
#include "tests/support/stores.hpp"

namespace hexpage::testing {

using namespace std::chrono_literals;

class Expiry : public ::testing::TestWithParam<StoreKind> {
 protected:
  void TearDown() override { expectClean(storage().verify()); }

  Storage& storage() { return *store_; }
  Millis left(std::string_view path, std::string_view key) {
    return storage().hashTimeToLive(path, key).value_or(kForever);
  }

  // `gone` and `also` expired a while ago, `live` does so later, `ever` never.
  void fill() {
    storage().hashPut("h", "gone", 1, {.ttl = 1s});
    storage().hashPut("h", "also", "x", {.ttl = 2s});
    storage().hashPut("h", "live", 3, {.ttl = 1h});
    storage().hashPut("h", "ever", 4);
    clock_.advance(1min);
  }

  FixedClock clock_;
  TestStore store_{GetParam(), Json::object(), clock_};
};

INSTANTIATE_TEST_SUITE_P(Stores, Expiry, ::testing::ValuesIn(allStores()), storeName);

TEST_P(Expiry, AnItemIsThereUntilItsTimeComes) {
  storage().hashPut("h", "k", 1, {.ttl = 1500ms});
  EXPECT_EQ(left("h", "k"), 1500ms);
  clock_.advance(1499ms);
  store_.reopen();
  EXPECT_EQ(storage().hashGet("h", "k"), 1);
  EXPECT_EQ(left("h", "k"), 1ms);
  clock_.advance(1ms);
  EXPECT_EQ(storage().hashFind("h", "k"), std::nullopt);
  store_.reopen();
  EXPECT_FALSE(storage().hashHas("h", "k"));
  EXPECT_EQ(failureOf([&] { storage().hashTimeToLive("h", "k"); }), Code::NoSuchKey);
}

TEST_P(Expiry, WhatHasExpiredIsNotThereForAnyRead) {
  fill();
  EXPECT_EQ(failureOf([&] { storage().hashGet("h", "gone"); }), Code::NoSuchKey);
  EXPECT_EQ(storage().hashFindMember("h", "gone", ""), std::nullopt);
  const std::vector<std::optional<Json>> expected{std::nullopt, 3, std::nullopt, 4};
  EXPECT_EQ(storage().hashGetMulti("h", {"gone", "live", "also", "ever"}), expected);
  EXPECT_EQ(storage().hashGetAll("h").size(), 2u);
  EXPECT_EQ(storage().hashCount("h", {}), 2u);
  EXPECT_EQ(storage().hashCount("h", {.by = MatchBy::Prefix, .pattern = "al"}), 0u);
  EXPECT_FALSE(storage().hashAny("h", {.by = MatchBy::Equals, .pattern = "gone"}));
  std::size_t items = 0;
  for (const auto& [key, value] : storage().hashItems("h")) items += !key.empty();
  for (HashCursor cursor = storage().hashCursor("h"); cursor.next();) ++items;
  EXPECT_EQ(items, 4u);
  EXPECT_EQ(storage().hashGetInfo("h").length, 4u);  // what is stored
}

TEST_P(Expiry, WhatHasExpiredIsNotThereForAnyWrite) {
  fill();
  EXPECT_EQ(failureOf([&] { storage().hashUpdate("h", "also", {{"a", 1}}); }), Code::NoSuchKey);
  EXPECT_EQ(failureOf([&] { storage().hashMerge("h", "also", {{"a", 1}}); }), Code::NoSuchKey);
  EXPECT_EQ(failureOf([&] { storage().hashDelete("h", "also"); }), Code::NoSuchKey);
  EXPECT_EQ(failureOf([&] { storage().hashExpire("h", "also", 1s); }), Code::NoSuchKey);
  EXPECT_EQ(failureOf([&] { storage().hashPersist("h", "also"); }), Code::NoSuchKey);
  EXPECT_EQ(storage().hashDeleteMulti("h", {"also", "live"}), 1u);
  EXPECT_EQ(storage().hashDeleteMatching("h", {.by = MatchBy::Suffix, .pattern = "o"}), 0u);
  EXPECT_FALSE(storage().hashPutIf("h", "gone", 1, 2));
  EXPECT_TRUE(storage().hashPutIf("h", "gone", std::nullopt, 2));
  EXPECT_EQ(storage().hashIncrement("h", "also", 5), 5);  // it was a text
  EXPECT_EQ(left("h", "gone"), kForever);
  EXPECT_EQ(left("h", "also"), kForever);
}

TEST_P(Expiry, CopiesHaveWhatLivesAndUntilWhen) {
  fill();
  storage().hashCopy("h", "copy");
  EXPECT_EQ(storage().hashGetInfo("copy").length, 2u);
  EXPECT_EQ(left("copy", "live"), 59min);
  storage().hashRename("copy", "moved");
  storage().hashSetPageSize("moved", 1);
  store_.reopen();
  EXPECT_EQ(left("moved", "live"), 59min);
  EXPECT_EQ(left("moved", "ever"), kForever);
}

TEST_P(Expiry, AnotherPageSizeKeepsWhatIsStillToBeSwept) {
  fill();
  storage().hashSetPageSize("h", 1);
  EXPECT_EQ(storage().hashSweep("h"), 2u);
}

TEST_P(Expiry, TheLastLivingItemTakesTheHashAlong) {
  fill();
  storage().hashDelete("h", "ever", true);
  EXPECT_TRUE(storage().has("h"));
  storage().hashDeleteMulti("h", {"live", "gone"}, true);
  EXPECT_FALSE(storage().has("h"));
}

TEST_P(Expiry, APutReplacesTheTimeAndAnEditKeepsIt) {
  storage().hashPut("h", "k", {{"a", 1}}, {.ttl = 1h});
  clock_.advance(1min);
  storage().hashUpdate("h", "k", {{"a", 2}});
  storage().hashMerge("h", "k", {{"b", 2}});
  storage().hashIncrement("h", "k", 1, {.member = "a", .ttl = 5h});
  storage().hashArrayPush("h", "k", 1, {.member = "tags"});
  storage().hashEdit("h", "k", [](std::optional<Json> value) { return (*value)["c"] = 3, value; });
  for (HashCursor cursor = storage().hashCursor("h"); cursor.next();) cursor.set({{"a", 9}});
  EXPECT_EQ(left("h", "k"), 59min);
  storage().hashEdit("h", "k", [](std::optional<Json> value) { return value; }, {.ttl = 2h});
  EXPECT_EQ(left("h", "k"), 2h);
  storage().hashPut("h", "k", {{"a", 1}}, {.ttl = 3h});
  EXPECT_EQ(left("h", "k"), 3h);
  EXPECT_TRUE(storage().hashPutIf("h", "k", {{"a", 1}}, 1, {.ttl = 4h}));
  EXPECT_EQ(left("h", "k"), 4h);
  storage().hashPutMulti("h", {{"k", 2}});
  EXPECT_EQ(left("h", "k"), kForever);
}

TEST_P(Expiry, CanBeSetAndTakenAway) {
  storage().hashPutText("h", "k", "1.50");
  storage().hashExpire("h", "k", 10s);
  EXPECT_EQ(left("h", "k"), 10s);
  storage().hashExpire("h", "k", 20s);
  EXPECT_EQ(left("h", "k"), 20s);
  storage().hashPersist("h", "k");
  clock_.advance(1h);
  EXPECT_EQ(storage().hashGetText("h", "k"), "1.50");
  EXPECT_EQ(storage().hashTimeToLive("h", "k"), std::nullopt);
  EXPECT_EQ(failureOf([&] { storage().hashExpire("h", "k", 0ms); }), Code::InvalidArgument);
  EXPECT_EQ(failureOf([&] { storage().hashPut("h", "k", 1, {.ttl = -1ms}); }),
            Code::InvalidArgument);
  storage().hashExpire("h", "k", Millis::max() - 1ms);  // beyond all time
  EXPECT_EQ(storage().hashTimeToLive("h", "k"), std::nullopt);
}

TEST_P(Expiry, ACursorSetsAndTellsIt) {
  storage().hashPut("h", "k", 1);
  HashCursor cursor = storage().hashCursor("h");
  ASSERT_TRUE(cursor.next());
  EXPECT_EQ(cursor.timeToLive(), std::nullopt);
  EXPECT_TRUE(cursor.expire(10s));
  EXPECT_EQ(cursor.timeToLive(), Millis(10s));
  EXPECT_EQ(left("h", "k"), 10s);
  EXPECT_TRUE(cursor.persist());
  EXPECT_EQ(left("h", "k"), kForever);
  cursor.expire(10s);
  clock_.advance(10s);
  EXPECT_EQ(cursor.timeToLive(), Millis(0));
  EXPECT_FALSE(cursor.set(2));
  EXPECT_FALSE(cursor.expire(10s));
  EXPECT_FALSE(cursor.erase());
}

TEST_P(Expiry, TheFirstCallOfACounterStartsItsTime) {
  EXPECT_EQ(storage().hashIncrement("rate", "ann", 1, {.ttl = 60s}), 1);
  clock_.advance(59s);
  EXPECT_EQ(storage().hashIncrement("rate", "ann", 1, {.ttl = 60s}), 2);
  EXPECT_EQ(left("rate", "ann"), 1s);
  clock_.advance(1s);
  EXPECT_EQ(storage().hashIncrement("rate", "ann", 1, {.ttl = 60s}), 1);
  EXPECT_EQ(left("rate", "ann"), 60s);
}

TEST_P(Expiry, ACounterStartsAnewWhenItsHashSaysSo) {
  storage().hashCreate("rate", {{"updateexpire", 1}, {"initval", 10}});
  EXPECT_EQ(storage().hashIncrement("rate", "ann", 1, {.ttl = 60s}), 11);
  clock_.advance(59s);
  EXPECT_EQ(storage().hashIncrement("rate", "ann", 1, {.ttl = 60s}), 12);
  EXPECT_EQ(left("rate", "ann"), 60s);
  storage().hashIncrement("rate", "ann");
  EXPECT_EQ(left("rate", "ann"), 60s);
  clock_.advance(60s);
  EXPECT_EQ(storage().hashDecrement("rate", "ann"), 9);
}

TEST_P(Expiry, AHashMaySayHowLongItsItemsLive) {
  storage().hashCreate("h", {{"autoexpire", 10}});
  storage().hashPut("h", "a", 1);
  storage().hashPut("h", "b", {{"n", 1}}, {.ttl = 1h});
  storage().hashPut("h", "c", 1, {.ttl = kForever});
  EXPECT_EQ(left("h", "a"), 10s);
  EXPECT_EQ(left("h", "b"), 1h);
  EXPECT_EQ(left("h", "c"), kForever);
  clock_.advance(5s);
  storage().hashPut("h", "a", 2);  // each write starts the time anew
  storage().hashUpdate("h", "b", {{"n", 2}});
  storage().hashIncrement("h", "c");
  for (const char* key : {"a", "b", "c"}) EXPECT_EQ(left("h", key), 10s) << key;
  clock_.advance(10s);
  EXPECT_EQ(storage().hashCount("h", {}), 0u);
  storage().hashPut("made", "k", 1, {.create = {{"autoexpire", 0.25}}});
  EXPECT_EQ(left("made", "k"), 250ms);
}

TEST_P(Expiry, AHashMayKeepTheFirstTime) {
  storage().hashCreate("h", {{"autoexpire", 10}, {"updateexpire", false}});
  storage().hashPutMulti("h", {{"a", 1}, {"b", 1}});
  clock_.advance(4s);
  storage().hashPutMulti("h", {{"a", 2}, {"c", 2}});
  storage().hashIncrement("h", "b");
  EXPECT_EQ(left("h", "a"), 6s);
  EXPECT_EQ(left("h", "b"), 6s);
  EXPECT_EQ(left("h", "c"), 10s);
  clock_.advance(6s);
  storage().hashPut("h", "a", 3);  // it has expired: this is another one
  EXPECT_EQ(left("h", "a"), 10s);
}

TEST_P(Expiry, OptionsThatMakeNoSenseAreRefused) {
  for (const Json& options : {Json{{"autoexpire", -1}}, Json{{"autoexpire", "60"}},
                              Json{{"autoexpire", 1e300}}, Json{{"updateexpire", "yes"}}})
    EXPECT_EQ(failureOf([&] { storage().hashCreate("h", options); }), Code::InvalidArgument)
        << options;
  EXPECT_FALSE(storage().has("h"));
}

TEST_P(Expiry, ASweepRemovesWhatHasExpired) {
  fill();
  EXPECT_EQ(storage().hashSweep("none"), 0u);
  EXPECT_EQ(storage().hashSweep("h"), 2u);
  EXPECT_EQ(storage().hashSweep("h"), 0u);
  EXPECT_EQ(storage().hashGetInfo("h").length, 2u);
  store_.reopen();
  EXPECT_EQ(storage().hashGetAll("h").size(), 2u);
}

TEST_P(Expiry, ASweepOfManyLeavesTheOthers) {
  Json many = Json::object(), some = Json::object();
  for (int n = 0; n < 900; ++n) (n % 3 == 0 ? some : many)["k" + std::to_string(n)] = n;
  storage().hashPutMulti("h", many, {.ttl = 1s});
  storage().hashPutMulti("h", some, {.ttl = 1h});
  clock_.advance(1s);
  EXPECT_EQ(storage().hashCount("h", {}), 300u);
  EXPECT_EQ(storage().hashSweep("h"), 600u);
  EXPECT_EQ(storage().hashGetInfo("h").length, 300u);
  EXPECT_EQ(storage().hashCount("h", {.by = MatchBy::Prefix, .pattern = "k"}), 300u);
}

TEST_P(Expiry, AClockSetBackDeletesNothingEarly) {
  storage().hashPut("h", "k", 1, {.ttl = 1min});
  clock_.advance(-24h);
  EXPECT_EQ(storage().hashSweep("h"), 0u);
  EXPECT_EQ(storage().hashGet("h", "k"), 1);
  EXPECT_EQ(left("h", "k"), 24h + 1min);
}

TEST_P(Expiry, HoldsInATransaction) {
  fill();
  Transaction tx = storage().begin({"h"});
  EXPECT_FALSE(tx.hashHas("h", "gone"));
  tx.hashPut("h", "short", 1, {.ttl = 1s});
  EXPECT_EQ(tx.hashIncrement("h", "gone", 1, {.ttl = 1min}), 1);
  clock_.advance(1s);
  EXPECT_FALSE(tx.hashHas("h", "short"));
  EXPECT_EQ(tx.hashCount("h", {}), 3u);
  EXPECT_EQ(tx.hashSweep("h"), 2u);
  EXPECT_EQ(tx.hashGetInfo("h").length, 3u);
  tx.commit();
  EXPECT_EQ(storage().hashGetInfo("h").length, 3u);
  EXPECT_EQ(left("h", "gone"), 59s);
}

TEST_P(Expiry, TextsMayHaveTheirOwnTimes) {
  const std::vector<Item> items{{"a", "1", clock_.now() + 5000}, {"b", "2"}, {"c", "3", 1}};
  storage().hashPutTexts("h", items, {.ttl = 7s});
  EXPECT_EQ(left("h", "a"), 5s);
  EXPECT_EQ(left("h", "b"), 7s);
  EXPECT_FALSE(storage().hashHas("h", "c"));
}

}  // namespace hexpage::testing
