// info() and Create, Clear, Drop: a hash comes to be, keeps its options, and goes.
#pragma once

#include <hexpage/testing/contract/fixture.hpp>

namespace hexpage::testing {

TEST_P(Contract, NothingIsThereAtFirst) {
  holds([&] {
    EXPECT_EQ(backend().info("users"), std::nullopt);
    EXPECT_EQ(get("users", "ann"), std::nullopt);
    EXPECT_TRUE(items("users").empty());
    EXPECT_EQ(backend().record("users"), std::nullopt);
    EXPECT_TRUE(paths().empty());
    EXPECT_TRUE(backend().layout("users").empty());
  });
}

TEST_P(Contract, CreateMakesAnEmptyHash) {
  applyOne(create("users"));
  holds([&] {
    const auto info = backend().info("users");
    ASSERT_TRUE(info);
    EXPECT_EQ(info->path, "users");
    EXPECT_EQ(info->length, 0u);
    EXPECT_TRUE(items("users").empty());
  });
}

TEST_P(Contract, CreateCountsNothingAsAdded) {
  const Applied applied = applyOne(create("users"));
  EXPECT_EQ(applied.added, 0u);
  EXPECT_EQ(applied.removed, 0u);
}

TEST_P(Contract, InfoTellsThePageSize) {
  applyOne(Create{"users", R"({"page_size":7})"});
  holds([&] { EXPECT_EQ(backend().info("users")->pageSize, 7u); });
}

TEST_P(Contract, InfoKeepsTheOrderOfTheOptions) {
  applyOne(Create{"users", R"({"zz":1,"page_size":7,"aa":{"b":[1.5,null]},"mm":"x"})"});
  holds([&] {
    EXPECT_EQ(backend().info("users")->options.dump(),
              R"({"zz":1,"page_size":7,"aa":{"b":[1.5,null]},"mm":"x"})");
  });
}

// The caller's `type` and `length` keep their place in the header but not their values.
TEST_P(Contract, TypeAndLengthBelongToTheBackend) {
  applyOne(Create{"users", R"({"zz":1,"length":55,"page_size":7,"type":"zzz","aa":2})"});
  holds([&] {
    EXPECT_EQ(backend().info("users")->length, 0u);
    EXPECT_EQ(backend().info("users")->options.dump(), R"({"zz":1,"page_size":7,"aa":2})");
    const auto header = backend().record("users");
    ASSERT_TRUE(header);
    EXPECT_EQ(Json::parse(*header).dump(),
              R"({"zz":1,"length":0,"page_size":7,"type":"hash","aa":2})");
  });
}

TEST_P(Contract, CreateLeavesAnExistingHashAsItIs) {
  applyOne(Create{"users", R"({"page_size":7,"mine":1})"});
  applyOne(Put{"users", "ann", "1"});
  applyOne(Create{"users", R"({"page_size":9,"other":2})"});
  holds([&] {
    EXPECT_EQ(backend().info("users")->options.dump(), R"({"page_size":7,"mine":1})");
    EXPECT_EQ(items("users"), (Items{{"ann", "1"}}));
  });
}

TEST_P(Contract, OptionsSurviveWritesAndSplits) {
  applyOne(Create{"users", R"({"note":"k\u00e9pt","page_size":2,"n":1.50})"});
  Batch batch;
  for (const auto& [key, text] : manyItems(30)) batch.add(Put{"users", key, text});
  apply(batch);
  holds([&] {
    EXPECT_EQ(backend().info("users")->length, 30u);
    EXPECT_EQ(backend().info("users")->options,
              Json::parse(R"({"note":"k\u00e9pt","page_size":2,"n":1.50})"));
  });
}

TEST_P(Contract, ClearKeepsTheHeader) {
  applyOne(Create{"users", R"({"mine":1,"page_size":3})"});
  apply(Batch{}.add(Put{"users", "ann", "1"}).add(Put{"users", "bob", "2"}));
  const Applied applied = applyOne(Clear{"users"});
  EXPECT_EQ(applied.removed, 2u);
  holds([&] {
    EXPECT_EQ(length("users"), 0);
    EXPECT_TRUE(items("users").empty());
    EXPECT_EQ(get("users", "ann"), std::nullopt);
    EXPECT_EQ(backend().info("users")->options.dump(), R"({"mine":1,"page_size":3})");
  });
}

TEST_P(Contract, ClearOfNothingDoesNothing) {
  EXPECT_EQ(applyOne(Clear{"users"}).removed, 0u);
  holds([&] { EXPECT_EQ(length("users"), -1); });
}

TEST_P(Contract, ClearForgetsEveryPage) {
  makeHash("users", manyItems(kManyItems));
  applyOne(Clear{"users"});
  applyOne(Put{"users", "new", "1"});
  holds([&] { EXPECT_EQ(items("users"), (Items{{"new", "1"}})); });
}

TEST_P(Contract, DropRemovesItemsAndHeader) {
  makeHash("users", manyItems(kManyItems));
  EXPECT_EQ(applyOne(Drop{"users"}).removed, kManyItems);
  holds([&] {
    EXPECT_EQ(length("users"), -1);
    EXPECT_EQ(get("users", "key1"), std::nullopt);
    EXPECT_TRUE(items("users").empty());
    EXPECT_EQ(backend().record("users"), std::nullopt);
    EXPECT_TRUE(paths().empty());
  });
}

TEST_P(Contract, DropOfNothingDoesNothing) {
  makeHash("other", {{"k", "1"}});
  EXPECT_EQ(applyOne(Drop{"users"}).removed, 0u);
  holds([&] { EXPECT_EQ(paths(), std::vector<std::string>{"other"}); });
}

TEST_P(Contract, AHashMadeAnewKnowsNothingOfTheOldOne) {
  makeHash("users", manyItems(kManyItems));
  apply(Batch{}.add(Drop{"users"}).add(Create{"users", R"({"page_size":5})"}));
  applyOne(Put{"users", "key1", "\"new\""});
  holds([&] {
    EXPECT_EQ(items("users"), (Items{{"key1", "\"new\""}}));
    EXPECT_EQ(backend().info("users")->pageSize, 5u);
  });
}

TEST_P(Contract, HashesDoNotShareItems) {
  makeHash("users", {{"k", "1"}});
  makeHash("users2", {{"k", "2"}});
  makeHash("users/old", {{"k", "3"}});
  applyOne(Remove{"users", "k"});
  holds([&] {
    EXPECT_EQ(get("users", "k"), std::nullopt);
    EXPECT_EQ(get("users2", "k"), "2");
    EXPECT_EQ(get("users/old", "k"), "3");
  });
}

TEST_P(Contract, DropLeavesTheHashesBelowInPeace) {
  makeHash("users", manyItems(20));
  makeHash("users/old", {{"k", "3"}});
  applyOne(Drop{"users"});
  holds([&] { EXPECT_EQ(items("users/old"), (Items{{"k", "3"}})); });
}

}  // namespace hexpage::testing
