// scan(): what is there throughout comes exactly once, whatever is written between the chunks and
// whether or not it is the same backend object that goes on.
#pragma once

#include <hexpage/testing/contract/fixture.hpp>

namespace hexpage::testing {

inline void expectAllOf(const Items& expected, const Items& seen) {
  for (const auto& [key, text] : expected) {
    const auto found = seen.find(key);
    EXPECT_TRUE(found != seen.end() && found->second == text) << "not told: " << key;
  }
}

TEST_P(Contract, ScanTellsEveryItemOnce) {
  const Items many = manyItems(kManyItems);
  makeHash("users", many);
  holds([&] { EXPECT_EQ(items("users"), many); });
}

TEST_P(Contract, ScanOfNoHashEndsAtOnce) {
  EXPECT_TRUE(backend().scan("users", "").items.empty());
  EXPECT_EQ(backend().scan("users", "").next, "");
}

TEST_P(Contract, ScanOfAnEmptyHashTellsNothing) {
  makeHash("users");
  holds([&] { EXPECT_TRUE(items("users").empty()); });
}

TEST_P(Contract, ACursorGoesOnTwiceFromTheSamePlace) {
  makeHash("users", manyItems(kManyItems));
  const std::string cursor = backend().scan("users", "").next;
  if (cursor.empty()) return;  // one chunk has it all
  const Chunk once = backend().scan("users", cursor);
  holds([&] {
    const Chunk again = backend().scan("users", cursor);
    EXPECT_EQ(again.items, once.items);
    EXPECT_EQ(again.next, once.next);
  });
}

TEST_P(Contract, ScanLetsPagesSplitMeanwhile) {
  const Items there = manyItems(40);
  makeHash("users", there);
  std::size_t added = 0;
  const Items seen = scanWhile("users", [&](std::size_t) {
    if (added >= 100) return;
    Batch batch;
    for (int i = 0; i < 8; ++i) batch.add(Put{"users", numbered("new", added++), "0"});
    apply(batch);
  });
  expectAllOf(there, seen);
  EXPECT_EQ(length("users"), static_cast<std::int64_t>(there.size() + added));
}

TEST_P(Contract, ScanLetsPagesGatherMeanwhile) {
  Items all = manyItems(40);
  makeHash("users", all);
  Batch extra;
  for (std::size_t n = 0; n < 100; ++n) extra.add(Put{"users", numbered("gone", n), "0"});
  apply(extra);
  std::size_t removed = 0;
  const Items seen = scanWhile("users", [&](std::size_t) {
    Batch batch;
    for (int i = 0; i < 8 && removed < 100; ++i)
      batch.add(Remove{"users", numbered("gone", removed++)});
    apply(batch);
  });
  expectAllOf(all, seen);
}

// Items go and come back, so that pages split and gather over and over.
TEST_P(Contract, ScanTellsNothingTwiceWhilePagesGoToAndFro) {
  const Items there = manyItems(40);
  makeHash("users", there);
  const Items seen = scanWhile("users", [&](std::size_t chunk) {
    Batch batch;
    for (std::size_t n = 0; n < 60; ++n) {
      if (chunk % 2 == 0)
        batch.add(Put{"users", numbered("flap", n), "0"});
      else
        batch.add(Remove{"users", numbered("flap", n)});
    }
    if (chunk < 20) apply(batch);
  });
  expectAllOf(there, seen);
}

TEST_P(Contract, ScanTellsAReplacedItemOnce) {
  const Items many = manyItems(kManyItems);
  makeHash("users", many);
  std::size_t replaced = 0;
  const Items seen = scanWhile("users", [&](std::size_t) {
    if (replaced < kManyItems) applyOne(Put{"users", numbered("key", replaced++), "\"other\""});
  });
  EXPECT_EQ(seen.size(), many.size());
}

TEST_P(Contract, ScanGoesOnToNothingInAClearedHash) {
  makeHash("users", manyItems(kManyItems));
  const std::string cursor = backend().scan("users", "").next;
  applyOne(Clear{"users"});
  if (!cursor.empty()) {
    EXPECT_TRUE(itemsFrom("users", cursor).empty());
  }
}

TEST_P(Contract, ScanGoesOnToNothingInADroppedHash) {
  makeHash("users", manyItems(kManyItems));
  const std::string cursor = backend().scan("users", "").next;
  applyOne(Drop{"users"});
  if (!cursor.empty()) {
    EXPECT_TRUE(itemsFrom("users", cursor).empty());
  }
}

TEST_P(Contract, ScansDoNotDisturbEachOther) {
  const Items many = manyItems(kManyItems);
  makeHash("users", many);
  const Items seen = scanWhile("users", [&](std::size_t chunk) {
    if (chunk < 3) {
      EXPECT_EQ(items("users"), many);
    }
  });
  EXPECT_EQ(seen, many);
}

}  // namespace hexpage::testing
