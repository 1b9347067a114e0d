// hashCopy, hashRename, hashSetPageSize: a hash as a whole.
#include "tests/support/stores.hpp"

namespace hexpage::testing {
namespace {

Json numbered(int count) {
  Json records = Json::object();
  for (int n = 0; n < count; ++n) records["key" + std::to_string(n)] = {{"n", n}};
  return records;
}

// The same members, in whatever order.
void expectSameItems(const Json& actual, const Json& expected) {
  EXPECT_EQ(nlohmann::json(actual), nlohmann::json(expected));
}

}  // namespace

TEST_P(HashApi, CopyHasEverything) {
  storage().hashPutMulti("users", numbered(60), {.create = {{"page_size", 5}, {"mine", 1}}});
  storage().hashCopy("users", "people");
  storage().hashDelete("users", "key1");
  holds([&] {
    expectSameItems(storage().hashGetAll("people"), numbered(60));
    EXPECT_EQ(storage().hashGetInfo("people").options, (Json{{"page_size", 5}, {"mine", 1}}));
    EXPECT_EQ(storage().hashGetInfo("people").length, 60u);
    EXPECT_EQ(storage().hashGetInfo("users").length, 59u);
  });
}

TEST_P(HashApi, CopyKeepsTheTexts) {
  storage().hashPutText("users", "ann", R"({"b":1.10,"a":"\u0041"})");
  storage().hashCopy("users", "people");
  EXPECT_EQ(storage().hashGetText("people", "ann"), R"({"b":1.10,"a":"\u0041"})");
}

TEST_P(HashApi, CopyReplacesTheDestinationWholly) {
  storage().hashPutMulti("users", numbered(3));
  storage().hashPutMulti("people", numbered(60), {.create = {{"page_size", 5}, {"old", 1}}});
  storage().hashCopy("users", "people");
  holds([&] {
    expectSameItems(storage().hashGetAll("people"), numbered(3));
    EXPECT_FALSE(storage().hashGetInfo("people").options.contains("old"));
  });
}

TEST_P(HashApi, CopyReplacesARecord) {
  storage().hashPutMulti("users", numbered(3));
  storage().put("people", 1);
  storage().hashCopy("users", "people");
  holds([&] { expectSameItems(storage().hashGetAll("people"), numbered(3)); });
}

TEST_P(HashApi, CopyOntoItselfDoesNothing) {
  storage().hashPutMulti("users", numbered(60), {.create = {{"page_size", 5}}});
  storage().hashCopy("users", "Users/");
  holds([&] { expectSameItems(storage().hashGetAll("users"), numbered(60)); });
}

TEST_P(HashApi, CopyOfNoHashIsNoSuchKeyAndLeavesTheDestination) {
  storage().hashPutMulti("people", numbered(3));
  storage().put("record", 1);
  EXPECT_EQ(failureOf([&] { storage().hashCopy("users", "people"); }), Code::NoSuchKey);
  EXPECT_EQ(failureOf([&] { storage().hashCopy("record", "people"); }), Code::NoSuchKey);
  EXPECT_EQ(failureOf([&] { storage().hashRename("users", "people"); }), Code::NoSuchKey);
  EXPECT_EQ(failureOf([&] { storage().hashRename("record", "people"); }), Code::NoSuchKey);
  EXPECT_EQ(failureOf([&] { storage().hashCopy("users", "users"); }), Code::NoSuchKey);
  expectSameItems(storage().hashGetAll("people"), numbered(3));
}

TEST_P(HashApi, CopyIntoAnothersPagesIsAConflict) {
  storage().hashPutMulti("users", numbered(3));
  storage().hashPutMulti("people", numbered(3));
  EXPECT_EQ(failureOf([&] { storage().hashCopy("users", "people/data/x"); }), Code::Conflict);
  EXPECT_EQ(failureOf([&] { storage().hashRename("users", "people/data"); }), Code::Conflict);
  EXPECT_EQ(failureOf([&] { storage().hashCopy("users", "users/data/x"); }), Code::Conflict);
  EXPECT_EQ(storage().list(), (std::vector<std::string>{"people", "users"}));
}

TEST_P(HashApi, RenameMovesTheHash) {
  storage().hashPutMulti("users", numbered(60), {.create = {{"page_size", 5}}});
  storage().hashRename("users", "app/people");
  holds([&] {
    EXPECT_FALSE(storage().has("users"));
    expectSameItems(storage().hashGetAll("app/people"), numbered(60));
    EXPECT_EQ(storage().list(), std::vector<std::string>{"app/people"});
  });
}

TEST_P(HashApi, RenameReplacesTheDestinationWholly) {
  storage().hashPutMulti("users", numbered(3));
  storage().hashPutMulti("people", numbered(60), {.create = {{"page_size", 5}}});
  storage().hashRename("users", "people");
  holds([&] {
    expectSameItems(storage().hashGetAll("people"), numbered(3));
    EXPECT_EQ(storage().list(), std::vector<std::string>{"people"});
  });
}

TEST_P(HashApi, SetPageSizeKeepsEverything) {
  storage().hashPutMulti("users", numbered(120),
                         {.create = {{"z", 1}, {"page_size", 50}, {"a", 2}}});
  for (const std::size_t size : {1, 7, 1000, 50}) {
    storage().hashSetPageSize("users", size);
    holds([&] {
      const HashInfo info = storage().hashGetInfo("users");
      EXPECT_EQ(info.pageSize, size);
      EXPECT_EQ(info.length, 120u);
      EXPECT_EQ(info.options.dump(),
                R"({"z":1,"page_size":)" + std::to_string(size) + R"(,"a":2})");
      expectSameItems(storage().hashGetAll("users"), numbered(120));
    });
  }
}

TEST_P(HashApi, SetPageSizeRefusesWhatMakesNoSense) {
  storage().hashPutMulti("users", numbered(3), {.create = {{"page_size", 5}}});
  for (const std::size_t size : {std::size_t{0}, kMaxPageSize + 1})
    EXPECT_EQ(failureOf([&] { storage().hashSetPageSize("users", size); }), Code::InvalidArgument);
  EXPECT_EQ(failureOf([&] { storage().hashSetPageSize("nobody", 5); }), Code::NoSuchKey);
  EXPECT_EQ(storage().hashGetInfo("users").pageSize, 5u);
}

}  // namespace hexpage::testing
