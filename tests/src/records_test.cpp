// Plain records: put, get, find, has, erase, copy, rename, list.
#include "tests/support/stores.hpp"

namespace hexpage::testing {

using Found = std::vector<std::string>;

TEST_P(HashApi, ARecordIsStoredAndReplaced) {
  storage().put("state", {{"a", 1}, {"b", 2}});
  storage().put("state", {{"c", 3}});
  holds([&] { EXPECT_EQ(storage().get("state"), (Json{{"c", 3}})); });
}

TEST_P(HashApi, ARecordMayBeAnyValue) {
  const std::vector<Json> values{nullptr, false, 0, "", Json::array(), Json::object(), "😀"};
  for (const Json& value : values) {
    storage().put("state", value);
    EXPECT_EQ(storage().get("state"), value);
    EXPECT_EQ(storage().find("state"), std::optional<Json>(value));
  }
}

TEST_P(HashApi, ARecordsTextKeepsTheSpellingOfNumbers) {
  storage().putText("state", R"({"price":1.10,"huge":123456789012345678901234567890,"b":-0})");
  holds([&] {
    EXPECT_EQ(storage().getText("state"),
              R"({"price":1.10,"huge":123456789012345678901234567890,"b":-0})");
    EXPECT_EQ(storage().findText("state"), storage().getText("state"));
  });
  EXPECT_EQ(storage().findText("nothing"), std::nullopt);
  EXPECT_EQ(failureOf([&] { storage().getText("nothing"); }), Code::NoSuchKey);
}

TEST_P(HashApi, ARecordsTextIsValidated) {
  for (const char* text : {"", "{", "1 2", R"({"a":1,"a":2})", R"({"type":"hash"})",
                           R"( {"t\u0079pe":"hash_page"})", R"({"type":"hash\u005findex"})"})
    EXPECT_EQ(failureOf([&] { storage().putText("state", text); }), Code::InvalidArgument) << text;
  EXPECT_FALSE(storage().has("state"));
}

TEST_P(HashApi, NoRecordIsNoSuchKeyOrNothing) {
  EXPECT_EQ(failureOf([&] { storage().get("state"); }), Code::NoSuchKey);
  EXPECT_EQ(storage().find("state"), std::nullopt);
  EXPECT_FALSE(storage().has("state"));
  EXPECT_FALSE(storage().erase("state"));
}

TEST_P(HashApi, EraseSaysWhetherItWasThere) {
  storage().put("state", 1);
  EXPECT_TRUE(storage().erase("state"));
  EXPECT_FALSE(storage().erase("state"));
  holds([&] { EXPECT_FALSE(storage().has("state")); });
}

TEST_P(HashApi, ARecordDoesNotReplaceAHash) {
  storage().hashPut("users", "ann", 1);
  EXPECT_EQ(failureOf([&] { storage().put("users", 1); }), Code::Conflict);
  EXPECT_EQ(failureOf([&] { storage().erase("users"); }), Code::Conflict);
  EXPECT_EQ(storage().hashGet("users", "ann"), 1);
}

TEST_P(HashApi, ARecordOfAHashIsItsHeader) {
  storage().hashPut("users", "ann", 1, {.create = {{"page_size", 7}}});
  EXPECT_EQ(storage().get("users").dump(), R"({"page_size":7,"length":1,"type":"hash"})");
  EXPECT_TRUE(storage().has("users"));
}

TEST_P(HashApi, APutIntoAHashsPagesIsAConflict) {
  storage().hashPut("users", "ann", 1);
  EXPECT_EQ(failureOf([&] { storage().put("users/data", 1); }), Code::Conflict);
  EXPECT_EQ(failureOf([&] { storage().put("users/data/0", 1); }), Code::Conflict);
  EXPECT_EQ(storage().find("users/data"), std::nullopt);
}

TEST_P(HashApi, ARecordIsCopied) {
  storage().put("state", {{"a", 1}});
  storage().copy("state", "backup/state");
  holds([&] {
    EXPECT_EQ(storage().get("state"), (Json{{"a", 1}}));
    EXPECT_EQ(storage().get("backup/state"), (Json{{"a", 1}}));
  });
}

TEST_P(HashApi, ARecordIsRenamed) {
  storage().put("state", {{"a", 1}});
  storage().put("there", {{"old", 1}});
  storage().rename("state", "there");
  holds([&] {
    EXPECT_FALSE(storage().has("state"));
    EXPECT_EQ(storage().get("there"), (Json{{"a", 1}}));
  });
}

TEST_P(HashApi, CopyAndRenameOntoItselfDoNothing) {
  storage().put("state", 1);
  storage().copy("state", "STATE");
  storage().rename("state", "/state/");
  holds([&] { EXPECT_EQ(storage().get("state"), 1); });
}

TEST_P(HashApi, CopyAndRenameOfNothingAreNoSuchKey) {
  storage().put("there", 1);
  EXPECT_EQ(failureOf([&] { storage().copy("state", "there"); }), Code::NoSuchKey);
  EXPECT_EQ(failureOf([&] { storage().rename("state", "there"); }), Code::NoSuchKey);
  EXPECT_EQ(storage().get("there"), 1);
}

TEST_P(HashApi, CopyAndRenameOfAHashTakeItsItems) {
  storage().hashPut("users", "ann", 1);
  storage().copy("users", "copied");
  storage().rename("users", "renamed");
  holds([&] {
    EXPECT_EQ(storage().hashGet("copied", "ann"), 1);
    EXPECT_EQ(storage().hashGet("renamed", "ann"), 1);
    EXPECT_EQ(storage().list(), (Found{"copied", "renamed"}));
  });
}

TEST_P(HashApi, ARecordCopiedOrRenamedReplacesAHash) {
  storage().put("state", 1);
  for (const char* path : {"a", "b"}) storage().hashPutMulti(path, {{"x", 1}, {"y", 2}});
  storage().copy("state", "a");
  storage().rename("state", "b");
  holds([&] {
    EXPECT_EQ(storage().get("a"), 1);
    EXPECT_EQ(storage().get("b"), 1);
    EXPECT_TRUE(storage().hashes().empty());
    EXPECT_EQ(storage().list(), (Found{"a", "b"}));
  });
}

TEST_P(HashApi, ListHasHashesAndRecordsSorted) {
  storage().hashPut("users", "ann", 1);
  for (const char* path : {"users/b", "users/a", "us", "app/x/y"}) storage().put(path, 1);
  holds([&] {
    EXPECT_EQ(storage().list(), (Found{"app/x/y", "us", "users", "users/a", "users/b"}));
    EXPECT_EQ(storage().list("users"), (Found{"users", "users/a", "users/b"}));
    EXPECT_EQ(storage().list("USERS/"), (Found{"users/a", "users/b"}));
    EXPECT_EQ(storage().list("nothing"), Found{});
  });
}

}  // namespace hexpage::testing
