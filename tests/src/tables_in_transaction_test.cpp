// Counters, arrays, patterns and cursors inside a transaction: unseen outside until commit.
#include <set>

#include "tests/support/stores.hpp"

namespace hexpage::testing {

class TablesInTransaction : public HashApi {
 protected:
  void SetUp() override {
    storage().hashPutMulti("h", {{"a", 1}, {"b", "x"}, {"c", {{"n", 5}, {"tags", {"t"}}}}});
  }
};

INSTANTIATE_TEST_SUITE_P(Stores, TablesInTransaction, ::testing::ValuesIn(allStores()), storeName);

TEST_P(TablesInTransaction, CountersAndArraysShowAtCommit) {
  Transaction tx = storage().begin({"h"});
  EXPECT_EQ(tx.hashIncrement("h", "a", 4), 5);
  EXPECT_EQ(tx.hashIncrement("h", "c", 1, {.member = "n"}), 6);
  EXPECT_EQ(tx.hashArrayPush("h", "c", "u", {.member = "tags"}), 2u);
  EXPECT_EQ(tx.hashIncrement("h", "a", 1), 6);
  EXPECT_EQ(storage().hashGet("h", "a"), 1);
  tx.commit();
  holds([&] {
    EXPECT_EQ(storage().hashGet("h", "a"), 6);
    EXPECT_EQ(storage().hashGetText("h", "c"), R"({"n":6,"tags":["t","u"]})");
  });
}

TEST_P(TablesInTransaction, ACounterThatIsRefusedLeavesTheRest) {
  Transaction tx = storage().begin({"h"});
  tx.hashIncrement("h", "a");
  EXPECT_EQ(failureOf([&] { tx.hashIncrement("h", "b"); }), Code::InvalidArgument);
  tx.commit();
  EXPECT_EQ(storage().hashGet("h", "a"), 2);
  EXPECT_EQ(storage().hashGet("h", "b"), "x");
}

TEST_P(TablesInTransaction, PatternsSeeItsOwnChanges) {
  const Match strings{.on = MatchOn::Value, .by = MatchBy::Prefix, .pattern = "x"};
  Transaction tx = storage().begin({"h"});
  tx.hashPut("h", "d", "xy");
  tx.hashDelete("h", "b");
  EXPECT_EQ(tx.hashCount("h", strings), 1u);
  EXPECT_EQ(tx.hashCount("h", {}), 3u);
  EXPECT_EQ(storage().hashCount("h", strings), 1u);
  EXPECT_EQ(tx.hashDeleteMatching("h", strings), 1u);
  EXPECT_FALSE(tx.hashAny("h", strings));
  EXPECT_EQ(tx.hashDeleteMatching("h", {.by = MatchBy::Equals, .pattern = "a"}), 1u);
  EXPECT_TRUE(storage().hashHas("h", "a")) << "not yet committed";
  tx.rollback();
  EXPECT_EQ(storage().hashGetInfo("h").length, 3u);
}

TEST_P(TablesInTransaction, CursorsChangeWhatOnlyTheTransactionSees) {
  Transaction tx = storage().begin({"h"});
  tx.hashPut("h", "d", 9);
  std::set<std::string> keys;
  for (HashCursor cursor = tx.hashCursor("h"); cursor.next();) {
    EXPECT_TRUE(keys.insert(cursor.key()).second);
    if (cursor.key() == "a")
      EXPECT_TRUE(cursor.erase());
    else
      EXPECT_TRUE(cursor.set("changed"));
  }
  EXPECT_EQ(keys, (std::set<std::string>{"a", "b", "c", "d"}));
  EXPECT_EQ(storage().hashGet("h", "b"), "x");
  tx.commit();
  EXPECT_EQ(
      storage().hashCount("h", {.on = MatchOn::Value, .by = MatchBy::Equals, .pattern = "changed"}),
      3u);
  EXPECT_FALSE(storage().hashHas("h", "a"));
}

TEST_P(TablesInTransaction, ACursorOfATransactionThatIsOverIsRefused) {
  Transaction tx = storage().begin({"h"});
  HashCursor cursor = tx.hashCursor("h");
  ASSERT_TRUE(cursor.next());
  tx.commit();
  EXPECT_EQ(failureOf([&] { cursor.next(); }), Code::InvalidArgument);
}

TEST_P(TablesInTransaction, AHashThatIsNotNamedIsRefused) {
  Transaction tx = storage().begin({"h"});
  EXPECT_EQ(failureOf([&] { tx.hashIncrement("other", "a"); }), Code::InvalidArgument);
  EXPECT_EQ(failureOf([&] { tx.hashCount("other", {}); }), Code::InvalidArgument);
  EXPECT_EQ(failureOf([&] { tx.hashCursor("other"); }), Code::InvalidArgument);
}

}  // namespace hexpage::testing
