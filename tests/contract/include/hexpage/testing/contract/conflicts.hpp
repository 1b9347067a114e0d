// What may not lie on or in what. A hash's pages are at `H/data` and below, so nobody else is.
#pragma once

#include <hexpage/testing/contract/fixture.hpp>

namespace hexpage::testing {

TEST_P(Contract, NoHashInsideAnothersPages) {
  makeHash("users", {{"ann", "1"}});
  EXPECT_EQ(failureOf(Batch{}.add(create("users/data"))), Code::Conflict);
  EXPECT_EQ(failureOf(Batch{}.add(create("users/data/3"))), Code::Conflict);
  EXPECT_EQ(failureOf(Batch{}.add(create("users/data/x/y/z"))), Code::Conflict);
  holds([&] { EXPECT_EQ(paths(), std::vector<std::string>{"users"}); });
}

TEST_P(Contract, NoRecordInsideAHashsPages) {
  makeHash("users", {{"ann", "1"}});
  EXPECT_EQ(failureOf(Batch{}.add(PutRecord{"users/data", "1"})), Code::Conflict);
  EXPECT_EQ(failureOf(Batch{}.add(PutRecord{"users/data/3", "1"})), Code::Conflict);
  EXPECT_EQ(failureOf(Batch{}.add(EraseRecord{"users/data"})), Code::Conflict);
  holds([&] { EXPECT_EQ(items("users"), (Items{{"ann", "1"}})); });
}

TEST_P(Contract, NoHashAroundAnother) {
  makeHash("users/data", {{"a", "1"}});
  makeHash("deep/data/x/y", {{"b", "2"}});
  EXPECT_EQ(failureOf(Batch{}.add(create("users"))), Code::Conflict);
  EXPECT_EQ(failureOf(Batch{}.add(create("deep"))), Code::Conflict);
  holds([&] { EXPECT_EQ(paths(), (std::vector<std::string>{"deep/data/x/y", "users/data"})); });
}

TEST_P(Contract, NoHashAroundARecord) {
  applyOne(PutRecord{"users/data/3", "1"});
  EXPECT_EQ(failureOf(Batch{}.add(create("users"))), Code::Conflict);
  holds([&] { EXPECT_EQ(backend().record("users/data/3"), "1"); });
}

TEST_P(Contract, NoHashOnARecord) {
  applyOne(PutRecord{"state", "1"});
  EXPECT_EQ(failureOf(Batch{}.add(create("state"))), Code::Conflict);
  holds([&] { EXPECT_EQ(backend().record("state"), "1"); });
}

TEST_P(Contract, NoRecordOnAHash) {
  makeHash("users", {{"ann", "1"}});
  EXPECT_EQ(failureOf(Batch{}.add(PutRecord{"users", "1"})), Code::Conflict);
  EXPECT_EQ(failureOf(Batch{}.add(EraseRecord{"users"})), Code::Conflict);
  holds([&] { EXPECT_EQ(items("users"), (Items{{"ann", "1"}})); });
}

TEST_P(Contract, ConflictsWithinOneBatchAreSeen) {
  EXPECT_EQ(failureOf(Batch{}.add(create("a")).add(PutRecord{"a/data", "1"})), Code::Conflict);
  EXPECT_EQ(failureOf(Batch{}.add(PutRecord{"a/data/b", "1"}).add(create("a"))), Code::Conflict);
  EXPECT_EQ(failureOf(Batch{}.add(PutRecord{"a", "1"}).add(create("a"))), Code::Conflict);
  holds([&] { EXPECT_TRUE(paths().empty()); });
}

TEST_P(Contract, WhatABatchRemovesIsNoConflict) {
  makeHash("users", manyItems(20));
  apply(Batch{}.add(Drop{"users"}).add(PutRecord{"users", "1"}).add(PutRecord{"users/data", "2"}));
  holds([&] {
    EXPECT_EQ(backend().record("users"), "1");
    EXPECT_EQ(backend().record("users/data"), "2");
    EXPECT_EQ(length("users"), -1);
  });
}

TEST_P(Contract, ARecordErasedMakesRoomForAHash) {
  applyOne(PutRecord{"users", "1"});
  apply(Batch{}.add(EraseRecord{"users"}).add(create("users")).add(Put{"users", "a", "2"}));
  holds([&] { EXPECT_EQ(items("users"), (Items{{"a", "2"}})); });
}

TEST_P(Contract, NeighboursOfPagesAreFree) {
  makeHash("users", {{"ann", "1"}});
  makeHash("users/data2", {{"b", "2"}});
  makeHash("users/other", {{"c", "3"}});
  apply(Batch{}.add(PutRecord{"users/dat", "4"}).add(PutRecord{"users/old/data", "5"}));
  makeHash("data", {{"d", "6"}});
  holds([&] {
    EXPECT_EQ(items("users"), (Items{{"ann", "1"}}));
    EXPECT_EQ(items("users/data2"), (Items{{"b", "2"}}));
    EXPECT_EQ(backend().record("users/dat"), "4");
    EXPECT_EQ(backend().record("users/old/data"), "5");
    EXPECT_EQ(items("data"), (Items{{"d", "6"}}));
  });
}

TEST_P(Contract, ARecordMayLieAboveAndBelowRecords) {
  apply(Batch{}
            .add(PutRecord{"a", "1"})
            .add(PutRecord{"a/data", "2"})
            .add(PutRecord{"a/data/b", "3"}));
  holds([&] { EXPECT_EQ(paths(), (std::vector<std::string>{"a", "a/data", "a/data/b"})); });
}

}  // namespace hexpage::testing
