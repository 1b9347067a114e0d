// apply(): all of a batch or none of it, in order, and the same when it is applied again.
#pragma once

#include <hexpage/testing/contract/fixture.hpp>

namespace hexpage::testing {

TEST_P(Contract, AnEmptyBatchDoesNothing) {
  makeHash("users", {{"ann", "1"}});
  const Applied applied = apply(Batch{});
  EXPECT_EQ(applied.added, 0u);
  EXPECT_EQ(applied.removed, 0u);
  holds([&] { EXPECT_EQ(items("users"), (Items{{"ann", "1"}})); });
}

TEST_P(Contract, ABatchSpansHashesAndRecords) {
  const Applied applied = apply(Batch{}
                                    .add(create("users"))
                                    .add(Put{"users", "ann", "1"})
                                    .add(create("audit"))
                                    .add(Put{"audit", "1", "\"ann\""})
                                    .add(PutRecord{"state", "{}"}));
  EXPECT_EQ(applied.added, 2u);
  holds([&] {
    EXPECT_EQ(items("users"), (Items{{"ann", "1"}}));
    EXPECT_EQ(items("audit"), (Items{{"1", "\"ann\""}}));
    EXPECT_EQ(backend().record("state"), "{}");
  });
}

TEST_P(Contract, ChangesHappenInTheirOrder) {
  makeHash("users", {{"ann", "1"}});
  apply(Batch{}
            .add(Put{"users", "bob", "2"})
            .add(Clear{"users"})
            .add(Put{"users", "cat", "3"})
            .add(Put{"users", "dan", "4"})
            .add(Remove{"users", "cat"}));
  holds([&] {
    EXPECT_EQ(items("users"), (Items{{"dan", "4"}}));
    EXPECT_EQ(length("users"), 1);
  });
}

TEST_P(Contract, APutAfterTheDropOfItsHashIsNoSuchKey) {
  makeHash("users", {{"ann", "1"}});
  const auto failure = failureOf(Batch{}.add(Drop{"users"}).add(Put{"users", "bob", "2"}));
  EXPECT_EQ(failure, Code::NoSuchKey);
  holds([&] { EXPECT_EQ(items("users"), (Items{{"ann", "1"}})); });
}

// The last change of each of these batches can not be done.
TEST_P(Contract, AFailingBatchLeavesNoItem) {
  const Items before = manyItems(kManyItems);
  makeHash("users", before);
  Batch batch;
  for (std::size_t n = 0; n < kManyItems; n += 2)
    batch.add(Remove{"users", numbered("key", n)}).add(Put{"users", numbered("new", n), "1"});
  batch.add(Put{"users", "key1", "\"changed\""}).add(Put{"nobody", "k", "1"});
  EXPECT_EQ(failureOf(batch), Code::NoSuchKey);
  holds([&] {
    EXPECT_EQ(items("users"), before);
    EXPECT_EQ(length("users"), static_cast<std::int64_t>(before.size()));
  });
}

TEST_P(Contract, AFailingBatchMakesNoHashAndNoRecord) {
  const auto failure = failureOf(Batch{}
                                     .add(create("users"))
                                     .add(Put{"users", "ann", "1"})
                                     .add(PutRecord{"state", "{}"})
                                     .add(Put{"nobody", "k", "1"}));
  EXPECT_EQ(failure, Code::NoSuchKey);
  holds([&] {
    EXPECT_TRUE(paths().empty());
    EXPECT_EQ(length("users"), -1);
    EXPECT_EQ(backend().record("state"), std::nullopt);
  });
}

TEST_P(Contract, AFailingBatchDropsClearsAndRenamesNothing) {
  makeHash("dropped", {{"a", "1"}});
  makeHash("cleared", {{"b", "2"}});
  makeHash("renamed", {{"c", "3"}});
  applyOne(PutRecord{"erased", "4"});
  const auto failure = failureOf(Batch{}
                                     .add(Drop{"dropped"})
                                     .add(Clear{"cleared"})
                                     .add(Rename{"renamed", "elsewhere"})
                                     .add(EraseRecord{"erased"})
                                     .add(Put{"nobody", "k", "1"}));
  EXPECT_EQ(failure, Code::NoSuchKey);
  holds([&] {
    EXPECT_EQ(items("dropped"), (Items{{"a", "1"}}));
    EXPECT_EQ(items("cleared"), (Items{{"b", "2"}}));
    EXPECT_EQ(items("renamed"), (Items{{"c", "3"}}));
    EXPECT_EQ(backend().record("erased"), "4");
    EXPECT_EQ(paths(), (std::vector<std::string>{"cleared", "dropped", "erased", "renamed"}));
  });
}

TEST_P(Contract, AFailedBatchDoesNotHinderTheNext) {
  makeHash("users");
  EXPECT_EQ(failureOf(Batch{}.add(Put{"users", "a", "1"}).add(Put{"nobody", "k", "1"})),
            Code::NoSuchKey);
  EXPECT_EQ(applyOne(Put{"users", "a", "2"}).added, 1u);
  holds([&] { EXPECT_EQ(items("users"), (Items{{"a", "2"}})); });
}

TEST_P(Contract, ABatchAppliedTwiceEndsInTheSameState) {
  makeHash("users", manyItems(20));
  makeHash("gone", {{"g", "1"}});
  Batch batch;
  batch.add(Clear{"users"});
  for (const auto& [key, text] : manyItems(kManyItems)) batch.add(Put{"users", key, text});
  batch.add(Remove{"users", "key0"}).add(Drop{"gone"}).add(PutRecord{"state", "1"});
  batch.add(create("extra")).add(Put{"extra", "e", "1"}).add(EraseRecord{"nothing"});
  apply(batch);
  Items expected = manyItems(kManyItems);
  expected.erase("key0");
  const auto state = [&] {
    EXPECT_EQ(items("users"), expected);
    EXPECT_EQ(length("users"), static_cast<std::int64_t>(expected.size()));
    EXPECT_EQ(paths(), (std::vector<std::string>{"extra", "state", "users"}));
    EXPECT_EQ(items("extra"), (Items{{"e", "1"}}));
  };
  holds(state);
  apply(batch);
  holds(state);
}

TEST_P(Contract, ARepeatedChangeCountsNothing) {
  makeHash("users");
  const Batch puts = Batch{}.add(Put{"users", "a", "1"}).add(Put{"users", "b", "2"});
  const Batch removes = Batch{}.add(Remove{"users", "a"}).add(Remove{"users", "b"});
  EXPECT_EQ(apply(puts).added, 2u);
  EXPECT_EQ(apply(puts).added, 0u);
  EXPECT_EQ(apply(removes).removed, 2u);
  EXPECT_EQ(apply(removes).removed, 0u);
  holds([&] { EXPECT_EQ(length("users"), 0); });
}

TEST_P(Contract, WhatWasAppliedSurvivesTheKillOfItsProcess) {
  if (!durable()) GTEST_SKIP() << "nothing here outlives its process";
  makeHash("users", manyItems(20));
  inAKilledProcess([&] {
    apply(Batch{}.add(Put{"users", "new", "1"}).add(Remove{"users", "key0"}));
    applyOne(PutRecord{"state", "2"});
  });
  EXPECT_EQ(get("users", "new"), "1");
  EXPECT_EQ(get("users", "key0"), std::nullopt);
  EXPECT_EQ(length("users"), 20);
  EXPECT_EQ(backend().record("state"), "2");
}

TEST_P(Contract, SyncKeepsEverything) {
  makeHash("users", manyItems(20));
  backend().sync();
  applyOne(Remove{"users", "key0"});
  backend().sync();
  backend().sync();
  holds([&] { EXPECT_EQ(length("users"), 19); });
}

}  // namespace hexpage::testing
