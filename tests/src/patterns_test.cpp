// hashCount, hashAny, hashMatch, hashDeleteMatching: items by a test of keys or values.
#include <set>

#include "tests/support/stores.hpp"

namespace hexpage::testing {

class Patterns : public HashApi {
 protected:
  void SetUp() override {
    // What the reference's cases have (htable R01), and values that it does not know.
    storage().hashPutMulti("m", {{"alice", "red apple"},
                                 {"alan", "Green"},
                                 {"bob", 10},
                                 {"Bobby", "10"},
                                 {"carol", -3},
                                 {"x.y", "a.b"},
                                 {"doc", {{"city", "Ulm"}, {"n", {7, 8}}}},
                                 {"lines", "one\ntwo"}});
  }

  std::size_t keys(MatchBy by, const std::string& pattern) {
    return storage().hashCount("m", {.on = MatchOn::Key, .by = by, .pattern = pattern});
  }
  std::size_t values(MatchBy by, const std::string& pattern, const std::string& member = "") {
    return storage().hashCount(
        "m", {.on = MatchOn::Value, .by = by, .pattern = pattern, .member = member});
  }
  std::size_t lines(const std::string& pattern, bool byLine) {
    return storage().hashCount(
        "m", {.on = MatchOn::Value, .by = MatchBy::Regex, .pattern = pattern, .byLine = byLine});
  }
  std::set<std::string> matched(const Match& match) {
    std::set<std::string> found;
    for (const auto& [key, value] : storage().hashMatch("m", match)) {
      EXPECT_EQ(value, storage().hashGet("m", key));
      EXPECT_TRUE(found.insert(key).second) << key << " twice";
    }
    return found;
  }
  void refuses(const Match& match) {
    EXPECT_EQ(failureOf([&] { storage().hashCount("m", match); }), Code::InvalidArgument);
    EXPECT_EQ(failureOf([&] { storage().hashAny("m", match); }), Code::InvalidArgument);
    EXPECT_EQ(failureOf([&] { storage().hashMatch("m", match); }), Code::InvalidArgument);
    EXPECT_EQ(failureOf([&] { storage().hashDeleteMatching("m", match); }), Code::InvalidArgument);
  }
};

INSTANTIATE_TEST_SUITE_P(Stores, Patterns, ::testing::ValuesIn(allStores()), storeName);

TEST_P(Patterns, TestKeys) {
  EXPECT_EQ(keys(MatchBy::All, ""), 8u);
  EXPECT_EQ(keys(MatchBy::Equals, "bob"), 1u);
  EXPECT_EQ(keys(MatchBy::Equals, "BOB"), 0u);
  EXPECT_EQ(keys(MatchBy::NotEquals, "bob"), 7u);
  EXPECT_EQ(keys(MatchBy::Prefix, "al"), 2u);
  EXPECT_EQ(keys(MatchBy::Prefix, "AL"), 0u);
  EXPECT_EQ(keys(MatchBy::Suffix, "ob"), 1u);
  EXPECT_EQ(keys(MatchBy::Contains, "o"), 4u);
  EXPECT_EQ(keys(MatchBy::Contains, "."), 1u);
}

TEST_P(Patterns, TestStringsAmongTheValuesAndNoOthers) {
  EXPECT_EQ(values(MatchBy::Equals, "10"), 1u);
  EXPECT_EQ(values(MatchBy::Equals, "-3"), 0u);
  EXPECT_EQ(values(MatchBy::NotEquals, "10"), 4u);
  EXPECT_EQ(values(MatchBy::Prefix, "red"), 1u);
  EXPECT_EQ(values(MatchBy::Suffix, "pple"), 1u);
  EXPECT_EQ(values(MatchBy::Contains, "\n"), 1u);
  EXPECT_EQ(values(MatchBy::Contains, "\""), 0u);
}

TEST_P(Patterns, TestIntegersAmongTheValues) {
  storage().hashPutText("m", "most", "9223372036854775807");
  storage().hashPutText("m", "beyond", "9223372036854775808");
  storage().hashPutText("m", "real", "10.0");
  EXPECT_EQ(values(MatchBy::Integer, "10"), 1u);
  EXPECT_EQ(values(MatchBy::Integer, "-3"), 1u);
  EXPECT_EQ(values(MatchBy::Integer, "9223372036854775807"), 1u);
}

TEST_P(Patterns, TestAMemberOfTheValue) {
  EXPECT_EQ(values(MatchBy::Equals, "Ulm", "city"), 1u);
  EXPECT_EQ(values(MatchBy::Integer, "8", "n[1]"), 1u);
  EXPECT_EQ(values(MatchBy::Integer, "8", "n[0]"), 0u);
}

TEST_P(Patterns, ExpressionsMatchAnywhere) {
  EXPECT_EQ(keys(MatchBy::Regex, "^al"), 2u);
  EXPECT_EQ(keys(MatchBy::Regex, "b.b"), 1u);
  EXPECT_EQ(keys(MatchBy::Regex, "^x[.]y$"), 1u);
  EXPECT_EQ(values(MatchBy::Regex, "^[0-9]+$"), 1u);
}

TEST_P(Patterns, ExpressionsMayIgnoreCase) {
  EXPECT_EQ(matched({.by = MatchBy::Regex, .pattern = "^BOB", .ignoreCase = true}),
            (std::set<std::string>{"bob", "Bobby"}));
}

TEST_P(Patterns, ExpressionsMayGoByLine) {
  EXPECT_EQ(lines("^two", false), 0u);
  EXPECT_EQ(lines("^two", true), 1u);
  EXPECT_EQ(lines("one$", true), 1u);
  EXPECT_EQ(lines("e[^x]t", false), 1u);
  EXPECT_EQ(lines("e[^x]t", true), 0u);
  EXPECT_EQ(lines("e.t", true), 0u);
}

TEST_P(Patterns, ExpressionsTakeLinearTime) {
  storage().hashPut("m", "long", std::string(20'000, 'a'));
  EXPECT_EQ(values(MatchBy::Regex, "^(a+)+$"), 1u);
  EXPECT_EQ(values(MatchBy::Regex, "^(a|a?)+b$"), 0u);
}

TEST_P(Patterns, SeeTheTextHoweverItIsEscaped) {
  storage().hashPutText("m", "esc", R"( "\u0061\"\u00e9" )");
  EXPECT_EQ(values(MatchBy::Equals, "a\"é"), 1u);
}

TEST_P(Patterns, AnyTellsWhetherThereIsOne) {
  EXPECT_TRUE(storage().hashAny("m", {.by = MatchBy::Equals, .pattern = "bob"}));
  EXPECT_FALSE(storage().hashAny("m", {.by = MatchBy::Equals, .pattern = "eve"}));
  EXPECT_FALSE(storage().hashAny("nothing", {}));
  EXPECT_EQ(storage().hashCount("nothing", {}), 0u);
}

TEST_P(Patterns, MatchGivesTheItemsAndTheirTexts) {
  EXPECT_EQ(matched({.by = MatchBy::Prefix, .pattern = "al"}),
            (std::set<std::string>{"alan", "alice"}));
  EXPECT_EQ(matched({}).size(), 8u);
  EXPECT_TRUE(matched({.by = MatchBy::Equals, .pattern = "eve"}).empty());
  std::vector<std::string> texts;
  storage().hashMatchText(
      "m", {.by = MatchBy::Suffix, .pattern = ".y"},
      [&](const std::string&, const std::string& text) { texts.push_back(text); });
  EXPECT_EQ(texts, (std::vector<std::string>{"\"a.b\""}));
}

TEST_P(Patterns, DeleteRemovesWhatMatchesAndNothingElse) {
  EXPECT_EQ(storage().hashDeleteMatching("m", {.by = MatchBy::Prefix, .pattern = "al"}), 2u);
  EXPECT_EQ(storage().hashDeleteMatching("m", {.by = MatchBy::Prefix, .pattern = "al"}), 0u);
  holds([&] { EXPECT_EQ(storage().hashGetInfo("m").length, 6u); });
  EXPECT_EQ(storage().hashDeleteMatching("m", {}), 6u);
  EXPECT_EQ(storage().hashGetInfo("m").length, 0u);
  EXPECT_EQ(storage().hashDeleteMatching("nothing", {}), 0u);
}

TEST_P(Patterns, DeleteGoesOverPagesThatGatherMeanwhile) {
  storage().hashCreate("many", {{"page_size", 5}});
  Json records = Json::object();
  for (int i = 0; i < 300; ++i) records["k" + std::to_string(i)] = i % 3;
  storage().hashPutMulti("many", records);
  EXPECT_EQ(storage().hashDeleteMatching(
                "many", {.on = MatchOn::Value, .by = MatchBy::Integer, .pattern = "1"}),
            100u);
  EXPECT_EQ(storage().hashDeleteMatching("many", {.by = MatchBy::NotEquals, .pattern = "k0"}),
            199u);
  EXPECT_EQ(storage().hashGetText("many", "k0"), "0");
}

TEST_P(Patterns, RefuseAMatchThatMakesNoSense) {
  refuses({.by = MatchBy::Regex, .pattern = "[abc"});
  refuses({.by = MatchBy::Integer, .pattern = "5"});
  refuses({.on = MatchOn::Value, .by = MatchBy::Integer, .pattern = "5.0"});
  refuses({.on = MatchOn::Value, .by = MatchBy::Integer, .pattern = "9223372036854775808"});
  refuses({.by = MatchBy::Equals, .pattern = "a", .member = "b"});
  refuses({.by = MatchBy::Prefix, .pattern = "a", .ignoreCase = true});
  EXPECT_EQ(storage().hashGetInfo("m").length, 8u);
}

}  // namespace hexpage::testing
