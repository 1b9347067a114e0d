// Arrays, and values inside a document by their path.
#include "tests/support/stores.hpp"

namespace hexpage::testing {

class Arrays : public HashApi {};
INSTANTIATE_TEST_SUITE_P(Stores, Arrays, ::testing::ValuesIn(allStores()), storeName);

TEST_P(Arrays, PushMakesAnArrayAndGivesItsSize) {
  EXPECT_EQ(storage().hashArrayPush("tags", "ann", "new"), 1u);
  EXPECT_EQ(storage().hashArrayPush("tags", "ann", {{"x", 1}}), 2u);
  EXPECT_EQ(storage().hashArrayPush("tags", "ann", Json::array({1, 2})), 3u);
  holds([&] {
    EXPECT_EQ(storage().hashGetText("tags", "ann"), R"(["new",{"x":1},[1,2]])");
    EXPECT_EQ(storage().hashArraySize("tags", "ann"), 3u);
  });
}

TEST_P(Arrays, PushInsideADocumentLeavesTheRest) {
  storage().hashPutText("users", "ann", R"({"n":1.10,"tags":["a"],"z":[]})");
  EXPECT_EQ(storage().hashArrayPush("users", "ann", "b", {.member = "tags"}), 2u);
  EXPECT_EQ(storage().hashArrayPush("users", "ann", 7, {.member = "z"}), 1u);
  EXPECT_EQ(storage().hashArrayPush("users", "ann", true, {.member = "log.new"}), 1u);
  EXPECT_EQ(storage().hashGetText("users", "ann"),
            R"({"n":1.10,"tags":["a","b"],"z":[7],"log":{"new":[true]}})");
}

TEST_P(Arrays, AnElementThatIsTextKeepsItsSpelling) {
  EXPECT_EQ(storage().hashArrayPushText("tags", "ann", "1.10"), 1u);
  EXPECT_EQ(storage().hashArrayPushText("tags", "ann", R"({"b":1e2,"a":1e400})"), 2u);
  EXPECT_EQ(storage().hashArrayPushText("tags", "bob", "1.0", {.member = "n"}), 1u);
  holds([&] {
    EXPECT_EQ(storage().hashGetText("tags", "ann"), R"([1.10,{"b":1e2,"a":1e400}])");
    EXPECT_EQ(storage().hashGetText("tags", "bob"), R"({"n":[1.0]})");
  });
}

TEST_P(Arrays, AnElementThatIsNoDocumentIsRefused) {
  for (const char* bad : {"", "1,2", "1]", R"({"a":1,"a":2})"})
    EXPECT_EQ(failureOf([&] { storage().hashArrayPushText("tags", "ann", bad); }),
              Code::InvalidArgument)
        << bad;
  EXPECT_FALSE(storage().hashHas("tags", "ann"));
}

TEST_P(Arrays, SizeOfNothingIsZero) {
  EXPECT_EQ(storage().hashArraySize("tags", "ann"), 0u);
  storage().hashPut("tags", "ann", {{"empty", Json::array()}});
  EXPECT_EQ(storage().hashArraySize("tags", "ann", "empty"), 0u);
  EXPECT_EQ(storage().hashArraySize("tags", "ann", "none"), 0u);
}

TEST_P(Arrays, WhatIsNoArrayIsRefused) {
  storage().hashPut("tags", "ann", {{"n", 5}});
  EXPECT_EQ(failureOf([&] { storage().hashArrayPush("tags", "ann", 1); }), Code::InvalidArgument);
  EXPECT_EQ(messageOf([&] { storage().hashArraySize("tags", "ann", "n"); }), "tags: ann: no array");
  EXPECT_EQ(storage().hashGetText("tags", "ann"), R"({"n":5})");
}

TEST_P(Arrays, PushRefusesWhatWouldBeTooDeep) {
  std::string deepest;
  for (std::size_t i = 0; i < kMaxDepth; ++i) deepest += '[';
  deepest += std::string(kMaxDepth, ']');
  EXPECT_EQ(failureOf([&] { storage().hashArrayPush("tags", "ann", parseJson(deepest)); }),
            Code::InvalidArgument);
  EXPECT_FALSE(storage().hashHas("tags", "ann"));
}

TEST_P(Arrays, MembersAreFoundByTheirPath) {
  storage().hashPutText("users", "ann",
                        R"( {"tags":["a",["b",1.10]],"a.b":1,"c":{"d[0]":2},"t":{"0":3}} )");
  const auto text = [&](std::string_view member) {
    return storage().hashFindMemberText("users", "ann", member).value_or("nothing");
  };
  EXPECT_EQ(text("tags[0]"), R"("a")");
  EXPECT_EQ(text("tags[1][1]"), "1.10");
  EXPECT_EQ(text("tags.1/1"), "1.10");
  EXPECT_EQ(text("a\\.b"), "1");
  EXPECT_EQ(text("c.d\\[0]"), "2");
  EXPECT_EQ(text("t[0]"), "3");
  EXPECT_EQ(text("tags"), R"(["a",["b",1.10]])");
  EXPECT_EQ(text("").substr(0, 8), R"({"tags":)");
  for (const char* none : {"tags[2]", "tags[01]", "tags.x", "tags[0].x", "c.d[0]", "x", "a.b"})
    EXPECT_EQ(text(none), "nothing") << none;
}

TEST_P(Arrays, MembersAreParsedOrNotThere) {
  storage().hashPut("users", "ann", {{"tags", {"a", "b"}}});
  EXPECT_EQ(storage().hashGetMember("users", "ann", "tags[1]"), "b");
  EXPECT_EQ(storage().hashFindMember("users", "ann", "tags[2]"), std::nullopt);
  EXPECT_EQ(storage().hashFindMember("users", "bob", "tags"), std::nullopt);
  EXPECT_EQ(messageOf([&] { storage().hashGetMember("Users", "ann", "tags[2]"); }),
            "no such member: users: ann: tags[2]");
  EXPECT_EQ(failureOf([&] { storage().hashGetMember("users", "bob", "tags"); }), Code::NoSuchKey);
}

}  // namespace hexpage::testing
