// HashCursor: going over a hash and changing it item by item.
#include <map>
#include <set>

#include "tests/support/random.hpp"
#include "tests/support/stores.hpp"

namespace hexpage::testing {

class Cursors : public HashApi {
 protected:
  // A hash of small pages, so that a walk crosses many.
  void fill(int items) {
    storage().hashCreate("h", {{"page_size", 4}});
    Json records = Json::object();
    for (int i = 0; i < items; ++i) records["k" + std::to_string(i)] = i;
    storage().hashPutMulti("h", records);
  }

  std::multiset<std::string> rest(HashCursor cursor) {
    std::multiset<std::string> keys;
    while (cursor.next()) keys.insert(cursor.key());
    return keys;
  }
};

INSTANTIATE_TEST_SUITE_P(Stores, Cursors, ::testing::ValuesIn(allStores()), storeName);

TEST_P(Cursors, GoOverEachItemOnce) {
  fill(50);
  std::set<std::string> keys;
  HashCursor cursor = storage().hashCursor("h");
  while (cursor.next()) {
    EXPECT_TRUE(keys.insert(cursor.key()).second);
    EXPECT_EQ("k" + cursor.text(), cursor.key());
    EXPECT_EQ(cursor.value(), storage().hashGet("h", cursor.key()));
  }
  EXPECT_EQ(keys.size(), 50u);
  EXPECT_FALSE(cursor.next()) << "it stays at the end";
}

TEST_P(Cursors, OfNoHashAreAtTheEndAtOnce) { EXPECT_FALSE(storage().hashCursor("nothing").next()); }

TEST_P(Cursors, StandOnNothingBeforeTheFirstAndAfterTheLast) {
  fill(1);
  HashCursor cursor = storage().hashCursor("h");
  const auto refusesAll = [&] {
    EXPECT_EQ(failureOf([&] { cursor.key(); }), Code::InvalidArgument);
    EXPECT_EQ(failureOf([&] { cursor.value(); }), Code::InvalidArgument);
    EXPECT_EQ(failureOf([&] { cursor.set(1); }), Code::InvalidArgument);
    EXPECT_EQ(failureOf([&] { cursor.erase(); }), Code::InvalidArgument);
  };
  refusesAll();
  ASSERT_TRUE(cursor.next());
  ASSERT_FALSE(cursor.next());
  refusesAll();
}

TEST_P(Cursors, EraseSkipsAndRepeatsNothing) {
  // The reference's iterator skips every second item (htable D13).
  fill(60);
  std::size_t visited = 0;
  for (HashCursor cursor = storage().hashCursor("h"); cursor.next(); ++visited)
    EXPECT_TRUE(cursor.erase());
  EXPECT_EQ(visited, 60u);
  EXPECT_EQ(storage().hashGetInfo("h").length, 0u);
}

TEST_P(Cursors, SetChangesTheItemAndComesByItOnce) {
  fill(40);
  std::size_t visited = 0;
  for (HashCursor cursor = storage().hashCursor("h"); cursor.next(); ++visited) {
    const std::string large(visited * 20, 'x');
    EXPECT_TRUE(cursor.set(large));
    EXPECT_EQ(cursor.value(), large);
    EXPECT_EQ(storage().hashGet("h", cursor.key()), large);
  }
  EXPECT_EQ(visited, 40u);
  EXPECT_EQ(storage().hashGetInfo("h").length, 40u);
}

TEST_P(Cursors, DoNotBringBackWhatSomebodyElseRemoved) {
  fill(1);
  HashCursor cursor = storage().hashCursor("h");
  ASSERT_TRUE(cursor.next());
  storage().hashDelete("h", "k0");
  EXPECT_FALSE(cursor.set(5));
  EXPECT_FALSE(cursor.erase());
  EXPECT_EQ(storage().hashGetInfo("h").length, 0u);
}

TEST_P(Cursors, SeeAnItemAsItIsWhenTheyComeThere) {
  fill(2);
  HashCursor cursor = storage().hashCursor("h");
  ASSERT_TRUE(cursor.next());
  const std::string other = cursor.key() == "k0" ? "k1" : "k0";
  storage().hashPut("h", other, "changed");
  ASSERT_TRUE(cursor.next());
  EXPECT_EQ(cursor.text(), "\"changed\"");
}

TEST_P(Cursors, RefuseWhatIsNoDocument) {
  fill(1);
  HashCursor cursor = storage().hashCursor("h");
  ASSERT_TRUE(cursor.next());
  EXPECT_EQ(failureOf([&] { cursor.setText("{bad"); }), Code::InvalidArgument);
  EXPECT_EQ(storage().hashGetText("h", "k0"), "0");
}

TEST_P(Cursors, GoOverWhatMatches) {
  fill(30);
  const Match match{.by = MatchBy::Suffix, .pattern = "1"};
  EXPECT_EQ(rest(storage().hashCursor("h", match)),
            (std::multiset<std::string>{"k1", "k11", "k21"}));
}

TEST_P(Cursors, AnyNumberMayBeUnderWay) {
  fill(20);
  std::vector<HashCursor> cursors;
  for (int i = 0; i < 50; ++i) {
    cursors.push_back(storage().hashCursor("h"));
    ASSERT_TRUE(cursors.back().next());
  }
  EXPECT_TRUE(cursors[0].erase());
  for (std::size_t i = 1; i < cursors.size(); ++i)
    EXPECT_EQ(rest(std::move(cursors[i])).size(), 19u);
}

TEST_P(Cursors, GoOnFromAPosition) {
  fill(45);
  std::multiset<std::string> keys;
  std::string position;
  while (true) {
    HashCursor cursor = storage().hashCursor("h", position);
    if (!cursor.next()) break;
    keys.insert(cursor.key());
    position = cursor.position();
  }
  EXPECT_EQ(keys.size(), 45u);
  EXPECT_EQ(std::set<std::string>(keys.begin(), keys.end()).size(), 45u);
}

TEST_P(Cursors, APositionAtTheEndStaysThere) {
  fill(3);
  HashCursor cursor = storage().hashCursor("h");
  while (cursor.next()) continue;
  storage().hashPut("h", "later", 1);
  EXPECT_TRUE(rest(storage().hashCursor("h", cursor.position())).empty());
}

TEST_P(Cursors, ADurablePositionHoldsWhenTheStoreIsOpenedAgain) {
  if (!GetParam().durable) GTEST_SKIP() << "nothing stays";
  fill(30);
  std::string position;
  {
    HashCursor cursor = storage().hashCursor("h");
    for (int i = 0; i < 11; ++i) ASSERT_TRUE(cursor.next());
    position = cursor.position();
  }
  reopen();
  EXPECT_EQ(rest(storage().hashCursor("h", position)).size(), 19u);
}

TEST_P(Cursors, RefuseWhatIsNoPosition) {
  fill(3);
  for (const char* bad : {"x", "{}", "5", "[1]", "[1,2]", "[\"\",[1]]", "[\"\",{}]", "[\"\",[],1]"})
    EXPECT_EQ(failureOf([&] { storage().hashCursor("h", bad); }), Code::InvalidArgument) << bad;
  EXPECT_EQ(failureOf([&] { storage().hashCursor("h", "[\"zz\",[]]").next(); }),
            Code::InvalidArgument);
}

TEST_P(Cursors, GiveWhatStaysOnceWhateverHappensMeanwhile) {
  const std::uint64_t seed = chosenSeed();
  SCOPED_TRACE("seed " + std::to_string(seed));
  Random random(seed);
  fill(80);
  std::set<std::string> untouched;
  for (int i = 0; i < 40; ++i) untouched.insert("k" + std::to_string(i));
  std::map<std::string, int> visits;
  std::string position;
  bool isOver = false;
  while (!isOver) {
    HashCursor cursor = storage().hashCursor("h", position);
    for (std::size_t steps = 1 + random.below(6); steps > 0 && !isOver; --steps) {
      isOver = !cursor.next();
      if (!isOver) ++visits[cursor.key()];
    }
    position = cursor.position();
    for (int i = 0; i < 8; ++i) {
      const std::string key = "k" + std::to_string(40 + random.below(200));
      if (random.below(3) == 0)
        storage().hashDeleteMulti("h", {key});
      else
        storage().hashPut("h", key, std::string(random.below(30), 'y'));
    }
  }
  for (const std::string& key : untouched) EXPECT_EQ(visits[key], 1) << key;
}

}  // namespace hexpage::testing
