// hashIncrement and hashDecrement: exact numbers, inside documents too, whoever else counts.
#include <limits>
#include <thread>

#include "tests/support/stores.hpp"

namespace hexpage::testing {

class Counters : public HashApi {
 protected:
  static constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  static constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();

  // The code with which counting up a stored text is refused; checks that the text stays.
  std::optional<Code> refused(const std::string& text, const Json& by = 1,
                              const MemberOptions& options = {}) {
    storage().hashPutText("hits", "ann", text);
    const auto code = failureOf([&] { storage().hashIncrement("hits", "ann", by, options); });
    EXPECT_EQ(storage().hashGetText("hits", "ann"), text);
    return code;
  }

  std::string counted(const std::string& text, const Json& by, const MemberOptions& options = {}) {
    storage().hashPutText("hits", "ann", text);
    storage().hashIncrement("hits", "ann", by, options);
    return storage().hashGetText("hits", "ann");
  }
};

INSTANTIATE_TEST_SUITE_P(Stores, Counters, ::testing::ValuesIn(allStores()), storeName);

TEST_P(Counters, BeginAtZeroAndMakeTheHash) {
  EXPECT_EQ(storage().hashIncrement("hits", "ann"), 1);
  EXPECT_EQ(storage().hashIncrement("hits", "ann", 10), 11);
  EXPECT_EQ(storage().hashDecrement("hits", "ann", 12), -1);
  holds([&] {
    EXPECT_EQ(storage().hashGetText("hits", "ann"), "-1");
    EXPECT_EQ(storage().hashGetInfo("hits").length, 1u);
  });
}

TEST_P(Counters, MakeTheHashWithTheOptionsThatAreGiven) {
  EXPECT_EQ(storage().hashIncrement("hits", "ann", 1, {.create = {{"initval", 5}}}), 6);
  EXPECT_EQ(storage().hashGetInfo("hits").options.at("initval"), 5);
}

TEST_P(Counters, BeginAtTheInitialValueOfTheHash) {
  storage().hashCreate("hits", {{"initval", 100}});
  EXPECT_EQ(storage().hashIncrement("hits", "ann"), 101);
  EXPECT_EQ(storage().hashDecrement("hits", "bob"), 99);
  storage().hashPut("hits", "eve", 7);
  EXPECT_EQ(storage().hashIncrement("hits", "eve"), 8);
}

TEST_P(Counters, AnInitialValueThatIsNoNumberIsRefused) {
  const Json options = {{"initval", "many"}};
  EXPECT_EQ(failureOf([&] { storage().hashCreate("hits", options); }), Code::InvalidArgument);
  EXPECT_EQ(failureOf([&] { storage().hashIncrement("hits", "ann", 1, {.create = options}); }),
            Code::InvalidArgument);
  EXPECT_TRUE(storage().hashes().empty());
}

TEST_P(Counters, AreExactTo64Bits) {
  EXPECT_EQ(counted("9007199254740993", 1), "9007199254740994");
  EXPECT_EQ(counted(std::to_string(kMost - 1), 1), std::to_string(kMost));
  EXPECT_EQ(counted(std::to_string(kLeast + 1), -1), std::to_string(kLeast));
  EXPECT_EQ(counted(std::to_string(kLeast), kMost), "-1");
}

TEST_P(Counters, RefuseWhatDoesNotFit) {
  EXPECT_EQ(refused(std::to_string(kMost)), Code::InvalidArgument);
  EXPECT_EQ(refused(std::to_string(kLeast), -1), Code::InvalidArgument);
  EXPECT_EQ(refused("9223372036854775808"), Code::InvalidArgument);
  EXPECT_EQ(refused("1.7e308", 1.7e308), Code::InvalidArgument);
  EXPECT_EQ(refused("1e400"), Code::InvalidArgument);
}

TEST_P(Counters, DecrementByTheLeastIntegerIsExact) {
  // Could go wrong: negating the least integer to add it overflows.
  storage().hashPut("hits", "ann", -1);
  EXPECT_EQ(storage().hashDecrement("hits", "ann", kLeast), kMost);
}

TEST_P(Counters, FractionsMakeDoubles) {
  EXPECT_EQ(counted("1", 0.5), "1.5");
  EXPECT_EQ(counted("1.5", 1), "2.5");
  EXPECT_EQ(counted("1e2", 1), "101.0");
}

TEST_P(Counters, RefuseWhatIsNoNumber) {
  for (const char* text : {"\"5\"", "null", "true", "[1]", "{\"a\":1}"})
    EXPECT_EQ(refused(text), Code::InvalidArgument) << text;
  for (const Json& by : {Json("1"), Json(), Json::array({1}), Json(std::uint64_t(kMost) + 1)})
    EXPECT_EQ(refused("5", by), Code::InvalidArgument) << by;
  EXPECT_EQ(messageOf([&] { storage().hashIncrement("hits", "ann", "1"); }),
            "hits: ann: no number but a string");
}

TEST_P(Counters, CountInsideADocumentAndLeaveTheRest) {
  EXPECT_EQ(
      counted(R"({"b":1.10,"stats":{"hits":41,"x":"é"},"a":-0})", 1, {.member = "stats.hits"}),
      R"({"b":1.10,"stats":{"hits":42,"x":"é"},"a":-0})");
  EXPECT_EQ(counted(R"({"n":[[1],[2,3]]})", 5, {.member = "n[1][0]"}), R"({"n":[[1],[7,3]]})");
  EXPECT_EQ(counted(R"({"a\u002eb":{"":1}})", 1, {.member = "a\\.b/"}), R"({"a\u002eb":{"":2}})");
}

TEST_P(Counters, MakeTheMembersOnTheWay) {
  EXPECT_EQ(counted(R"({"a":1})", 3, {.member = "stats.hits"}), R"({"a":1,"stats":{"hits":3}})");
  storage().hashCreate("views", {{"initval", 100}});
  EXPECT_EQ(storage().hashIncrement("views", "ann", 2, {.member = "day.3"}), 2);
  EXPECT_EQ(storage().hashGetText("views", "ann"), R"({"day":{"3":2}})");
}

TEST_P(Counters, RefuseAStepIntoWhatHasNoMembers) {
  EXPECT_EQ(refused("5", 1, {.member = "hits"}), Code::InvalidArgument);
  EXPECT_EQ(refused(R"({"a":[1]})", 1, {.member = "a.b"}), Code::InvalidArgument);
  EXPECT_EQ(refused(R"({"a":[1]})", 1, {.member = "a[2]"}), Code::InvalidArgument);
}

TEST_P(Counters, RefuseBadKeysAndPaths) {
  EXPECT_EQ(failureOf([&] { storage().hashIncrement("hits", ""); }), Code::InvalidArgument);
  EXPECT_EQ(failureOf([&] { storage().hashIncrement(".hits", "a"); }), Code::InvalidArgument);
  EXPECT_TRUE(storage().hashes().empty());
}

class CounterThreads : public Counters {};
INSTANTIATE_TEST_SUITE_P(Stores, CounterThreads,
                         ::testing::Values(inMemory(), rawFiles(), binaryStore()), storeName);

TEST_P(CounterThreads, LoseNothing) {
  constexpr int kEach = 200;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < kEach; ++i) {
        storage().hashIncrement("hits", "all");
        storage().hashIncrement("hits", "inside", 2, {.member = "deep.down"});
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(storage().hashGet("hits", "all"), 4 * kEach);
  EXPECT_EQ(storage().hashGetMember("hits", "inside", "deep.down"), 8 * kEach);
}

}  // namespace hexpage::testing
