// record() and PutRecord, EraseRecord: one JSON text under a path, whole.
#pragma once

#include <hexpage/json_text.hpp>
#include <hexpage/testing/contract/fixture.hpp>

namespace hexpage::testing {

// But for white space between the tokens, which a store may lay out for people.
TEST_P(Contract, ARecordComesBackVerbatim) {
  const std::string text = R"({"b":1.10,"a":[null,"\u0041"],"10":0,"2":0})";
  applyOne(PutRecord{"state", text});
  holds([&] {
    const auto stored = backend().record("state");
    ASSERT_TRUE(stored);
    EXPECT_EQ(minified(*stored), text);
  });
}

TEST_P(Contract, ARecordMayBeAnyJsonValue) {
  const std::vector<std::string> texts{"null", "false", "0", "\"\"", "[]", "{}", "\"😀\""};
  for (std::size_t n = 0; n < texts.size(); ++n) applyOne(PutRecord{numbered("r", n), texts[n]});
  holds([&] {
    for (std::size_t n = 0; n < texts.size(); ++n)
      EXPECT_EQ(backend().record(numbered("r", n)), texts[n]);
  });
}

TEST_P(Contract, ARecordIsReplacedWhole) {
  applyOne(PutRecord{"state", R"({"long":"xxxxxxxxxxxxxxxxxxxx"})"});
  applyOne(PutRecord{"state", "1"});
  holds([&] { EXPECT_EQ(backend().record("state"), "1"); });
}

TEST_P(Contract, ARecordIsErased) {
  apply(Batch{}.add(PutRecord{"state", "1"}).add(PutRecord{"state/x", "2"}));
  applyOne(EraseRecord{"state"});
  holds([&] {
    EXPECT_EQ(backend().record("state"), std::nullopt);
    EXPECT_EQ(backend().record("state/x"), "2");
  });
}

TEST_P(Contract, EraseOfNothingDoesNothing) {
  applyOne(PutRecord{"state/x", "2"});
  EXPECT_EQ(failureOf(Batch{}.add(EraseRecord{"state"}).add(EraseRecord{"state/x/y"})),
            std::nullopt);
  holds([&] { EXPECT_EQ(paths(), std::vector<std::string>{"state/x"}); });
}

TEST_P(Contract, ARecordIsNoHash) {
  applyOne(PutRecord{"state", R"({"type":"other","length":3})"});
  holds([&] {
    EXPECT_EQ(length("state"), -1);
    EXPECT_EQ(get("state", "length"), std::nullopt);
    EXPECT_TRUE(items("state").empty());
    EXPECT_TRUE(backend().layout("state").empty());
  });
}

TEST_P(Contract, AHeaderIsARecordToo) {
  applyOne(Create{"users", R"({"page_size":4,"mine":true})"});
  applyOne(Put{"users", "ann", "1"});
  holds([&] {
    const auto header = backend().record("users");
    ASSERT_TRUE(header);
    EXPECT_EQ(Json::parse(*header),
              Json::parse(R"({"page_size":4,"mine":true,"length":1,"type":"hash"})"));
  });
}

TEST_P(Contract, PagesAreNoRecords) {
  makeHash("users", manyItems(kManyItems));
  holds([&] {
    EXPECT_EQ(backend().record("users/data"), std::nullopt);
    EXPECT_EQ(backend().record("users/data/3"), std::nullopt);
    EXPECT_EQ(length("users/data"), -1);
  });
}

}  // namespace hexpage::testing
