// hashUpdate, hashUpdateMulti, hashMerge: changes of part of a document.
#include "tests/support/stores.hpp"

namespace hexpage::testing {

class Update : public HashApi {
 protected:
  // The document after `changes` to it.
  Json updated(const Json& document, const Json& changes) {
    storage().hashPut("users", "ann", document);
    storage().hashUpdate("users", "ann", changes);
    return storage().hashGet("users", "ann");
  }

  // The code with which `changes` are refused; checks that the document stays.
  std::optional<Code> refused(const Json& document, const Json& changes) {
    storage().hashPut("users", "ann", document);
    const auto code = failureOf([&] { storage().hashUpdate("users", "ann", changes); });
    EXPECT_EQ(storage().hashGet("users", "ann"), document);
    return code;
  }
};

INSTANTIATE_TEST_SUITE_P(Stores, Update, ::testing::Values(inMemory(), rawFiles(), binaryStore()),
                         storeName);

TEST_P(Update, AssignsMembers) {
  EXPECT_EQ(updated({{"name", "Ann"}, {"age", 41}}, {{"age", 42}, {"city", "Ulm"}}),
            (Json{{"name", "Ann"}, {"age", 42}, {"city", "Ulm"}}));
}

TEST_P(Update, StaysWhenTheStoreIsOpenedAgain) {
  updated({{"age", 41}}, {{"age", 42}});
  holds([&] { EXPECT_EQ(storage().hashGet("users", "ann"), (Json{{"age", 42}})); });
}

TEST_P(Update, ADotStepsIntoAMember) {
  EXPECT_EQ(
      updated(Json::parse(R"({"address":{"city":"Ulm","zip":1}})"), {{"address.city", "Bern"}}),
      Json::parse(R"({"address":{"city":"Bern","zip":1}})"));
}

TEST_P(Update, ASlashStepsToo) {
  EXPECT_EQ(updated(Json::parse(R"({"a":{"b":{"c":1}}})"), {{"a/b/c", 2}}),
            Json::parse(R"({"a":{"b":{"c":2}}})"));
}

TEST_P(Update, BackslashesEscapeDotAndSlash) {
  EXPECT_EQ(updated(Json::object(), {{"a\\.b", 1}, {"c\\/d", 2}}), (Json{{"a.b", 1}, {"c/d", 2}}));
}

TEST_P(Update, MakesTheObjectsOnTheWay) {
  EXPECT_EQ(updated({{"x", 1}}, {{"a.b.c", 2}}), Json::parse(R"({"x":1,"a":{"b":{"c":2}}})"));
}

TEST_P(Update, ANumberStepsIntoAnArray) {
  EXPECT_EQ(updated(Json::parse(R"({"a":[1,{"b":2},3]})"), {{"a.1.b", 9}, {"a.0", 8}}),
            Json::parse(R"({"a":[8,{"b":9},3]})"));
}

TEST_P(Update, OnePastTheEndAppends) {
  EXPECT_EQ(updated(Json::parse(R"({"a":[1,2]})"), {{"a.2", 3}}), Json::parse(R"({"a":[1,2,3]})"));
}

TEST_P(Update, FurtherPastTheEndIsRefused) {
  EXPECT_EQ(refused(Json::parse(R"({"a":[1,2]})"), {{"a.4", 3}}), Code::InvalidArgument);
}

TEST_P(Update, AnotherNameInAnArrayIsRefused) {
  for (const char* name : {"a.x", "a.-1", "a.1x", "a.length"})
    EXPECT_EQ(refused(Json::parse(R"({"a":[1,2]})"), {{name, 3}}), Code::InvalidArgument) << name;
}

TEST_P(Update, AStepIntoAScalarIsRefused) {
  EXPECT_EQ(refused({{"a", 1}}, {{"a.b", 2}}), Code::InvalidArgument);
  EXPECT_EQ(refused({{"a", "text"}}, {{"a.b", 2}}), Code::InvalidArgument);
}

TEST_P(Update, AllOfTheChangesOrNone) {
  EXPECT_EQ(refused({{"a", 1}, {"b", 1}}, {{"b", 2}, {"a.b", 2}}), Code::InvalidArgument);
}

TEST_P(Update, ANullIsAssignedLikeAnyValue) {
  EXPECT_EQ(updated({{"a", 1}}, {{"a", nullptr}}), (Json{{"a", nullptr}}));
}

TEST_P(Update, KeepsTheOrderOfTheMembers) {
  EXPECT_EQ(updated({{"z", 1}, {"a", 2}, {"m", 3}}, {{"a", 9}, {"n", 8}}).dump(),
            R"({"z":1,"a":9,"m":3,"n":8})");
}

TEST_P(Update, OfNothingIsNoSuchKey) {
  EXPECT_EQ(failureOf([&] { storage().hashUpdate("users", "ann", {{"a", 1}}); }), Code::NoSuchKey);
  EXPECT_FALSE(storage().has("users"));
  storage().hashCreate("users");
  EXPECT_EQ(failureOf([&] { storage().hashUpdate("users", "ann", {{"a", 1}}); }), Code::NoSuchKey);
}

TEST_P(Update, ChangesThatAreNoObjectAreRefused) {
  for (const Json& changes : {Json(nullptr), Json(1), Json("x"), Json::array({1})})
    EXPECT_EQ(refused({{"a", 1}}, changes), Code::InvalidArgument) << changes;
}

TEST_P(Update, MayNotMakeADocumentTooDeep) {
  std::string path = "a";
  for (std::size_t depth = 0; depth < kMaxDepth + 1; ++depth) path += ".a";
  EXPECT_EQ(refused({{"b", 1}}, {{path, 1}}), Code::InvalidArgument);
}

TEST_P(Update, MultiChangesEachKey) {
  storage().hashPutMulti("users", {{"ann", {{"n", 1}}}, {"bob", {{"n", 2}}}, {"cat", {{"n", 3}}}});
  storage().hashUpdateMulti("users", {{"ann", {{"n", 10}}}, {"cat", {{"n", 30}, {"m", 1}}}});
  holds([&] {
    EXPECT_EQ(storage().hashGet("users", "ann"), (Json{{"n", 10}}));
    EXPECT_EQ(storage().hashGet("users", "bob"), (Json{{"n", 2}}));
    EXPECT_EQ(storage().hashGet("users", "cat"), (Json{{"n", 30}, {"m", 1}}));
  });
}

TEST_P(Update, MultiIsAllOrNone) {
  storage().hashPutMulti("users", {{"ann", {{"n", 1}}}, {"bob", {{"n", 2}}}});
  const Json changes{{"ann", {{"n", 10}}}, {"nobody", {{"n", 30}}}};
  EXPECT_EQ(failureOf([&] { storage().hashUpdateMulti("users", changes); }), Code::NoSuchKey);
  EXPECT_EQ(storage().hashGet("users", "ann"), (Json{{"n", 1}}));
}

// RFC 7396, appendix A: the test cases of the standard.
TEST_P(Update, MergeFollowsTheStandard) {
  const char* const cases[][3] = {
      {R"({"a":"b"})", R"({"a":"c"})", R"({"a":"c"})"},
      {R"({"a":"b"})", R"({"b":"c"})", R"({"a":"b","b":"c"})"},
      {R"({"a":"b"})", R"({"a":null})", R"({})"},
      {R"({"a":"b","b":"c"})", R"({"a":null})", R"({"b":"c"})"},
      {R"({"a":["b"]})", R"({"a":"c"})", R"({"a":"c"})"},
      {R"({"a":"c"})", R"({"a":["b"]})", R"({"a":["b"]})"},
      {R"({"a":{"b":"c"}})", R"({"a":{"b":"d","c":null}})", R"({"a":{"b":"d"}})"},
      {R"({"a":[{"b":"c"}]})", R"({"a":[1]})", R"({"a":[1]})"},
      {R"(["a","b"])", R"(["c","d"])", R"(["c","d"])"},
      {R"({"a":"b"})", R"(["c"])", R"(["c"])"},
      {R"({"a":"foo"})", R"(null)", R"(null)"},
      {R"({"a":"foo"})", R"("bar")", R"("bar")"},
      {R"({"e":null})", R"({"a":1})", R"({"e":null,"a":1})"},
      {R"([1,2])", R"({"a":"b","c":null})", R"({"a":"b"})"},
      {R"({})", R"({"a":{"bb":{"ccc":null}}})", R"({"a":{"bb":{}}})"}};
  for (const auto& [document, patch, expected] : cases) {
    storage().hashPut("users", "ann", Json::parse(document));
    storage().hashMerge("users", "ann", Json::parse(patch));
    EXPECT_EQ(storage().hashGetText("users", "ann"), expected) << document << " " << patch;
  }
}

TEST_P(Update, MergeOfNothingIsNoSuchKey) {
  EXPECT_EQ(failureOf([&] { storage().hashMerge("users", "ann", {{"a", 1}}); }), Code::NoSuchKey);
}

// Crashed once: the stack ran out.
TEST_P(HashApi, UpdatesNestedTooDeepAreRefused) {
  storage().hashPut("users", "ann", {{"a", 1}});
  std::string path = "q";
  for (int n = 0; n < 100'000; ++n) path += ".q";
  EXPECT_EQ(failureOf([&] {
              storage().hashUpdate("users", "ann", {{path, 1}});
            }),
            Code::InvalidArgument);
  Json patch = 1;
  for (int n = 0; n < 2000; ++n) {
    Json outer;
    outer["q"] = std::move(patch);
    patch = std::move(outer);
  }
  EXPECT_EQ(failureOf([&] { storage().hashMerge("users", "ann", patch); }), Code::InvalidArgument);
  EXPECT_EQ(storage().hashGet("users", "ann"), Json({{"a", 1}}));
}

}  // namespace hexpage::testing
