// get() and Put, Remove: texts come back as they went in, and the length is exact.
#pragma once

#include <hexpage/json_text.hpp>
#include <hexpage/testing/contract/fixture.hpp>

namespace hexpage::testing {

TEST_P(Contract, PutStoresAndCounts) {
  makeHash("users");
  EXPECT_EQ(applyOne(Put{"users", "ann", R"({"age":41})"}).added, 1u);
  holds([&] {
    EXPECT_EQ(get("users", "ann"), R"({"age":41})");
    EXPECT_EQ(length("users"), 1);
  });
}

TEST_P(Contract, PutReplacesAndDoesNotCountAgain) {
  makeHash("users", {{"ann", "1"}});
  const Applied applied = applyOne(Put{"users", "ann", R"(["a longer text"])"});
  EXPECT_EQ(applied.added, 0u);
  EXPECT_EQ(applied.removed, 0u);
  holds([&] { EXPECT_EQ(items("users"), (Items{{"ann", R"(["a longer text"])"}})); });
}

TEST_P(Contract, OneBatchPutsManyItems) {
  const Items many = manyItems(kManyItems);
  makeHash("users", many);
  holds([&] {
    EXPECT_EQ(length("users"), static_cast<std::int64_t>(many.size()));
    EXPECT_EQ(items("users"), many);
    for (const auto& [key, text] : many) EXPECT_EQ(get("users", key), text);
  });
}

TEST_P(Contract, SinglePutsAddUpToTheSame) {
  const Items many = manyItems(kManyItems / 3);
  makeHash("users");
  for (const auto& [key, text] : many) applyOne(Put{"users", key, text});
  holds([&] {
    EXPECT_EQ(length("users"), static_cast<std::int64_t>(many.size()));
    EXPECT_EQ(items("users"), many);
  });
}

TEST_P(Contract, OfOneKeyTheLastPutOfABatchStays) {
  makeHash("users");
  const Applied applied =
      apply(Batch{}.add(Put{"users", "ann", "1"}).add(Put{"users", "ann", "2"}));
  EXPECT_EQ(applied.added, 1u);
  holds([&] { EXPECT_EQ(items("users"), (Items{{"ann", "2"}})); });
}

TEST_P(Contract, PutIntoNoHashIsNoSuchKey) {
  EXPECT_EQ(failureOf(Batch{}.add(Put{"users", "ann", "1"})), Code::NoSuchKey);
  holds([&] { EXPECT_TRUE(paths().empty()); });
}

TEST_P(Contract, GetAnswersInTheOrderOfTheKeys) {
  makeHash("users", {{"ann", "1"}, {"bob", "2"}, {"cat", "3"}});
  const std::vector<std::string_view> keys{"cat", "nobody", "ann", "cat"};
  holds([&] {
    const std::vector<std::optional<Value>> expected{Value{"3"}, std::nullopt, Value{"1"},
                                                     Value{"3"}};
    EXPECT_EQ(backend().get("users", keys), expected);
  });
}

TEST_P(Contract, GetOfManyKeysFindsEachInItsPage) {
  const Items many = manyItems(kManyItems);
  makeHash("users", many);
  std::vector<std::string_view> keys;
  std::vector<std::optional<Value>> expected;
  for (const auto& [key, text] : many) {
    keys.push_back(key);
    expected.push_back(Value{text});
  }
  holds([&] { EXPECT_EQ(backend().get("users", keys), expected); });
}

TEST_P(Contract, GetOfNoKeysIsEmpty) {
  makeHash("users", {{"ann", "1"}});
  EXPECT_TRUE(backend().get("users", {}).empty());
  EXPECT_TRUE(backend().get("nobody", {}).empty());
}

TEST_P(Contract, GetFromNoHashHasAnAnswerForEveryKey) {
  const std::vector<std::string_view> keys{"a", "b"};
  const std::vector<std::optional<Value>> nothing(2);
  EXPECT_EQ(backend().get("users", keys), nothing);
}

TEST_P(Contract, RemoveTakesTheItemAndCounts) {
  makeHash("users", {{"ann", "1"}, {"bob", "2"}});
  EXPECT_EQ(applyOne(Remove{"users", "ann"}).removed, 1u);
  holds([&] {
    EXPECT_EQ(items("users"), (Items{{"bob", "2"}}));
    EXPECT_EQ(length("users"), 1);
  });
}

TEST_P(Contract, RemoveOfNothingDoesNothing) {
  makeHash("users", {{"ann", "1"}});
  EXPECT_EQ(applyOne(Remove{"users", "bob"}).removed, 0u);
  EXPECT_EQ(applyOne(Remove{"nobody", "bob"}).removed, 0u);
  holds([&] {
    EXPECT_EQ(length("users"), 1);
    EXPECT_EQ(length("nobody"), -1);
  });
}

TEST_P(Contract, AHashWithoutItemsIsStillThere) {
  makeHash("users", {{"ann", "1"}});
  applyOne(Remove{"users", "ann"});
  holds([&] {
    EXPECT_EQ(length("users"), 0);
    EXPECT_EQ(paths(), std::vector<std::string>{"users"});
  });
}

// Every page gathers into its parent on the way down to one item, and none is lost.
TEST_P(Contract, RemovingOneByOneKeepsTheRest) {
  Items left = manyItems(kManyItems / 2);
  makeHash("users", left);
  while (left.size() > 1) {
    applyOne(Remove{"users", left.begin()->first});
    left.erase(left.begin());
    ASSERT_EQ(length("users"), static_cast<std::int64_t>(left.size()));
    if (left.size() % 15 == 0) {
      ASSERT_EQ(items("users"), left);
    }
  }
  holds([&] { EXPECT_EQ(items("users"), left); });
}

TEST_P(Contract, RemovedAndPutAgainIsNew) {
  makeHash("users", {{"ann", "1"}});
  const Applied applied = apply(Batch{}.add(Remove{"users", "ann"}).add(Put{"users", "ann", "2"}));
  EXPECT_EQ(applied.added, 1u);
  EXPECT_EQ(applied.removed, 1u);
  holds([&] { EXPECT_EQ(items("users"), (Items{{"ann", "2"}})); });
}

// What another program would read differently is never rewritten: number spellings, escapes,
// member order, members that look like integers.
TEST_P(Contract, TextsStayVerbatim) {
  const Items texts{{"number", "1.10"},
                    {"exponent", "1E+5"},
                    {"minus zero", "-0"},
                    {"big", "12345678901234567890"},
                    {"deeper", R"({"b":[1.0,{"10":1,"2":2}],"a":"\u0041\/"})"},
                    {"null", "null"},
                    {"false", "false"},
                    {"string", R"("tab\tquote\" \ud83d\ude00 😀")"},
                    {"empty object", "{}"},
                    {"empty array", "[]"},
                    {"page-like", R"({"type":"hash_page","length":3,"items":{}})"}};
  makeHash("users", texts);
  apply(Batch{}.add(Put{"users", "another", "1"}).add(Remove{"users", "another"}));
  holds([&] { EXPECT_EQ(items("users"), texts); });
}

TEST_P(Contract, WhiteSpaceBetweenTokensDoesNoHarm) {
  const std::string text = " {\n\t\"a b\" : [ 1.0 ,\r\n 2 ] }\n";
  makeHash("users", {{"spaced", text}, {"other", "1"}});
  applyOne(Put{"users", "third", "\t3 "});
  holds([&] {
    EXPECT_EQ(minified(get("users", "spaced").value_or("")), R"({"a b":[1.0,2]})");
    EXPECT_EQ(minified(get("users", "third").value_or("")), "3");
  });
}

TEST_P(Contract, ALargeTextComesBackWhole) {
  const std::string text = '"' + std::string(3 << 20, 'x') + '"';
  makeHash("users", {{"large", text}, {"small", "1"}});
  holds([&] {
    EXPECT_TRUE(get("users", "large") == text);
    EXPECT_EQ(get("users", "small"), "1");
  });
}

}  // namespace hexpage::testing
