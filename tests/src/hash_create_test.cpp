// hashCreate, hashGetInfo, hashes: a hash, its options and its length.
#include "tests/support/stores.hpp"

namespace hexpage::testing {

TEST_P(HashApi, CreateGivesTheInfo) {
  const HashInfo info = storage().hashCreate("users", {{"page_size", 10}, {"team", "blue"}});
  EXPECT_EQ(info.path, "users");
  EXPECT_EQ(info.length, 0u);
  EXPECT_EQ(info.pageSize, 10u);
  EXPECT_EQ(info.options, (Json{{"page_size", 10}, {"team", "blue"}}));
}

TEST_P(HashApi, CreateTakesThePageSizeOfTheConfig) {
  EXPECT_EQ(storage().hashCreate("users").pageSize, kDefaultPageSize);
  holds([&] { EXPECT_EQ(storage().hashGetInfo("users").pageSize, kDefaultPageSize); });
}

TEST_P(HashApi, CreateOfAnExistingHashChangesNothing) {
  storage().hashCreate("users", {{"page_size", 10}});
  storage().hashPut("users", "ann", 1);
  const HashInfo info = storage().hashCreate("users", {{"page_size", 20}, {"other", true}});
  EXPECT_EQ(info.length, 1u);
  EXPECT_EQ(info.options, (Json{{"page_size", 10}}));
  EXPECT_EQ(storage().hashGet("users", "ann"), 1);
}

TEST_P(HashApi, OptionsKeepTheirOrder) {
  storage().hashCreate("users", {{"zz", 1}, {"page_size", 7}, {"aa", Json::array({nullptr})}});
  holds([&] {
    EXPECT_EQ(storage().hashGetInfo("users").options.dump(),
              R"({"zz":1,"page_size":7,"aa":[null]})");
  });
}

TEST_P(HashApi, CreateRefusesAPageSizeThatMakesNoSense) {
  const std::vector<Json> wrong{0, -1, 0.5, 1.5, "7", nullptr, true, Json::array(), 1'000'001};
  for (const Json& size : wrong)
    EXPECT_EQ(failureOf([&] {
                storage().hashCreate("users", {{"page_size", size}});
              }),
              Code::InvalidArgument)
        << size;
  EXPECT_FALSE(storage().has("users"));
}

TEST_P(HashApi, CreateTakesTheSmallestAndTheLargestPageSize) {
  EXPECT_EQ(storage().hashCreate("one", {{"page_size", 1}}).pageSize, 1u);
  EXPECT_EQ(storage().hashCreate("million", {{"page_size", kMaxPageSize}}).pageSize, kMaxPageSize);
}

TEST_P(HashApi, CreateRefusesOptionsThatAreNoObject) {
  for (const Json& options : {Json(1), Json("x"), Json::array()})
    EXPECT_EQ(failureOf([&] { storage().hashCreate("users", options); }), Code::InvalidArgument)
        << options;
}

// `{}` is null where a Json is wanted.
TEST_P(HashApi, CreateTakesNullForNoOptions) {
  EXPECT_EQ(storage().hashCreate("users", {}).options, (Json{{"page_size", kDefaultPageSize}}));
}

TEST_P(HashApi, GetInfoCountsTheItems) {
  storage().hashPutMulti("users", {{"a", 1}, {"b", 2}, {"c", 3}});
  storage().hashDelete("users", "b");
  holds([&] { EXPECT_EQ(storage().hashGetInfo("users").length, 2u); });
}

TEST_P(HashApi, GetInfoOfNoHashIsNoSuchKey) {
  storage().put("record", 1);
  EXPECT_EQ(failureOf([&] { storage().hashGetInfo("nobody"); }), Code::NoSuchKey);
  EXPECT_EQ(failureOf([&] { storage().hashGetInfo("record"); }), Code::NoSuchKey);
}

TEST_P(HashApi, HashesAreListedByPath) {
  for (const char* path : {"users", "users/old", "audit", "us"}) storage().hashCreate(path);
  storage().hashPut("users", "ann", 1);
  storage().put("user-record", 1);
  holds([&] {
    const auto all = storage().hashes();
    ASSERT_EQ(all.size(), 4u);
    EXPECT_EQ(all[0].path, "audit");
    EXPECT_EQ(all[1].path, "us");
    EXPECT_EQ(all[2].path, "users");
    EXPECT_EQ(all[2].length, 1u);
    EXPECT_EQ(all[3].path, "users/old");
    EXPECT_EQ(storage().hashes("users").size(), 2u);
    EXPECT_EQ(storage().hashes("users/").size(), 1u);
    EXPECT_TRUE(storage().hashes("x").empty());
  });
}

}  // namespace hexpage::testing
