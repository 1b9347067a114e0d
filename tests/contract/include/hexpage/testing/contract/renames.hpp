// Rename: a hash moves whole, onto whatever is there.
#pragma once

#include <hexpage/testing/contract/fixture.hpp>

namespace hexpage::testing {

TEST_P(Contract, RenameMovesEverything) {
  const Items many = manyItems(kManyItems);
  makeHash("users", many);
  applyOne(Rename{"users", "people/all"});
  holds([&] {
    EXPECT_EQ(length("users"), -1);
    EXPECT_EQ(get("users", "key1"), std::nullopt);
    EXPECT_EQ(items("people/all"), many);
    EXPECT_EQ(length("people/all"), static_cast<std::int64_t>(many.size()));
    EXPECT_EQ(paths(), std::vector<std::string>{"people/all"});
  });
}

TEST_P(Contract, RenameKeepsTheOptions) {
  applyOne(Create{"users", R"({"mine":[1],"page_size":3})"});
  applyOne(Rename{"users", "people"});
  holds([&] {
    EXPECT_EQ(backend().info("people")->options.dump(), R"({"mine":[1],"page_size":3})");
    EXPECT_EQ(backend().info("people")->path, "people");
  });
}

TEST_P(Contract, RenameReplacesTheDestinationWholly) {
  makeHash("users", {{"ann", "1"}});
  makeHash("people", manyItems(kManyItems));
  applyOne(Rename{"users", "people"});
  applyOne(Put{"people", "bob", "2"});
  holds([&] { EXPECT_EQ(items("people"), (Items{{"ann", "1"}, {"bob", "2"}})); });
}

TEST_P(Contract, RenameOntoARecordReplacesIt) {
  makeHash("users", {{"ann", "1"}});
  applyOne(PutRecord{"people", "1"});
  applyOne(Rename{"users", "people"});
  holds([&] {
    EXPECT_EQ(items("people"), (Items{{"ann", "1"}}));
    EXPECT_EQ(paths(), std::vector<std::string>{"people"});
  });
}

TEST_P(Contract, RenameOntoItselfDoesNothing) {
  const Items many = manyItems(kManyItems);
  makeHash("users", many);
  applyOne(Rename{"users", "users"});
  holds([&] { EXPECT_EQ(items("users"), many); });
}

TEST_P(Contract, RenameOfNothingDoesNothing) {
  makeHash("people", {{"ann", "1"}});
  applyOne(Rename{"users", "people"});
  holds([&] { EXPECT_EQ(items("people"), (Items{{"ann", "1"}})); });
}

TEST_P(Contract, RenameAppliedTwiceMovesOnce) {
  makeHash("users", {{"ann", "1"}});
  applyOne(Rename{"users", "people"});
  applyOne(Rename{"users", "people"});
  holds([&] { EXPECT_EQ(items("people"), (Items{{"ann", "1"}})); });
}

TEST_P(Contract, RenameInsideAnothersPagesIsAConflict) {
  makeHash("users", {{"ann", "1"}});
  makeHash("people", {{"bob", "2"}});
  EXPECT_EQ(failureOf(Batch{}.add(Rename{"users", "people/data"})), Code::Conflict);
  EXPECT_EQ(failureOf(Batch{}.add(Rename{"users", "people/data/x"})), Code::Conflict);
  holds([&] {
    EXPECT_EQ(items("users"), (Items{{"ann", "1"}}));
    EXPECT_EQ(items("people"), (Items{{"bob", "2"}}));
  });
}

TEST_P(Contract, RenameAroundAnotherIsAConflict) {
  makeHash("users", {{"ann", "1"}});
  makeHash("people/data/x", {{"bob", "2"}});
  EXPECT_EQ(failureOf(Batch{}.add(Rename{"users", "people"})), Code::Conflict);
  holds([&] { EXPECT_EQ(paths(), (std::vector<std::string>{"people/data/x", "users"})); });
}

TEST_P(Contract, RenamesOfOneBatchFollowEachOther) {
  makeHash("a", {{"k", "1"}});
  makeHash("b", {{"k", "2"}});
  apply(Batch{}.add(Rename{"a", "c"}).add(Rename{"b", "a"}).add(Rename{"c", "b"}));
  holds([&] {
    EXPECT_EQ(items("a"), (Items{{"k", "2"}}));
    EXPECT_EQ(items("b"), (Items{{"k", "1"}}));
    EXPECT_EQ(paths(), (std::vector<std::string>{"a", "b"}));
  });
}

TEST_P(Contract, PutsBeforeAndAfterARenameAreInTheirHash) {
  makeHash("a", {{"old", "1"}});
  apply(Batch{}
            .add(Put{"a", "before", "2"})
            .add(Rename{"a", "b"})
            .add(Put{"b", "after", "3"})
            .add(create("a"))
            .add(Put{"a", "anew", "4"}));
  holds([&] {
    EXPECT_EQ(items("b"), (Items{{"old", "1"}, {"before", "2"}, {"after", "3"}}));
    EXPECT_EQ(items("a"), (Items{{"anew", "4"}}));
  });
}

TEST_P(Contract, RenameLeavesTheHashesBelowInPeace) {
  makeHash("users", {{"ann", "1"}});
  makeHash("users/old", {{"bob", "2"}});
  applyOne(Rename{"users", "people"});
  holds([&] {
    EXPECT_EQ(items("users/old"), (Items{{"bob", "2"}}));
    EXPECT_EQ(length("people/old"), -1);
  });
}

}  // namespace hexpage::testing
