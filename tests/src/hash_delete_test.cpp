// hashDelete, hashDeleteMulti, hashDeleteAll.
#include "tests/support/stores.hpp"

namespace hexpage::testing {

TEST_P(HashApi, DeleteRemovesTheItem) {
  storage().hashPutMulti("users", {{"ann", 1}, {"bob", 2}});
  storage().hashDelete("users", "ann");
  holds([&] {
    EXPECT_EQ(storage().hashGetAll("users"), (Json{{"bob", 2}}));
    EXPECT_EQ(storage().hashGetInfo("users").length, 1u);
  });
}

TEST_P(HashApi, DeleteOfNothingIsNoSuchKey) {
  EXPECT_EQ(failureOf([&] { storage().hashDelete("users", "ann"); }), Code::NoSuchKey);
  storage().hashPut("users", "bob", 2);
  EXPECT_EQ(failureOf([&] { storage().hashDelete("users", "ann"); }), Code::NoSuchKey);
  EXPECT_EQ(failureOf([&] { storage().hashDelete("users", "ann", true); }), Code::NoSuchKey);
  EXPECT_EQ(storage().hashGetInfo("users").length, 1u);
}

TEST_P(HashApi, DeleteOfTheLastItemKeepsTheHash) {
  storage().hashPut("users", "ann", 1, {.create = {{"mine", 1}}});
  storage().hashDelete("users", "ann");
  holds([&] {
    EXPECT_EQ(storage().hashGetInfo("users").length, 0u);
    EXPECT_EQ(storage().hashGetInfo("users").options["mine"], 1);
  });
}

TEST_P(HashApi, EntireDeleteOfTheLastItemRemovesTheHash) {
  storage().hashPut("users", "ann", 1);
  storage().hashDelete("users", "ann", true);
  holds([&] {
    EXPECT_FALSE(storage().has("users"));
    EXPECT_TRUE(storage().hashes().empty());
  });
}

TEST_P(HashApi, EntireDeleteOfAnotherItemKeepsTheHash) {
  storage().hashPutMulti("users", {{"ann", 1}, {"bob", 2}});
  storage().hashDelete("users", "ann", true);
  holds([&] { EXPECT_EQ(storage().hashGetAll("users"), (Json{{"bob", 2}})); });
}

TEST_P(HashApi, DeleteMultiSaysHowManyThereWere) {
  storage().hashPutMulti("users", {{"a", 1}, {"b", 2}, {"c", 3}});
  EXPECT_EQ(storage().hashDeleteMulti("users", {"a", "nobody", "c", "a"}), 2u);
  holds([&] { EXPECT_EQ(storage().hashGetAll("users"), (Json{{"b", 2}})); });
}

TEST_P(HashApi, EntireDeleteMultiOfTheLastItemsRemovesTheHash) {
  storage().hashPutMulti("users", {{"a", 1}, {"b", 2}, {"c", 3}});
  EXPECT_EQ(storage().hashDeleteMulti("users", {"a", "nobody", "a"}, true), 1u);
  holds([&] { EXPECT_EQ(storage().hashGetInfo("users").length, 2u); });
  EXPECT_EQ(storage().hashDeleteMulti("users", {"c", "b", "b", "a"}, true), 2u);
  holds([&] { EXPECT_FALSE(storage().has("users")); });
}

TEST_P(HashApi, EntireDeleteMultiOfNothingKeepsAnEmptyHash) {
  storage().hashCreate("users");
  EXPECT_EQ(storage().hashDeleteMulti("users", {"a"}, true), 0u);
  EXPECT_TRUE(storage().has("users"));
}

TEST_P(HashApi, DeleteMultiFromNoHashIsZero) {
  EXPECT_EQ(storage().hashDeleteMulti("users", {"a", "b"}), 0u);
  EXPECT_FALSE(storage().has("users"));
}

TEST_P(HashApi, DeleteAllKeepsTheHeader) {
  storage().hashPutMulti("users", {{"a", 1}, {"b", 2}},
                         {.create = {{"mine", 1}, {"page_size", 1}}});
  storage().hashDeleteAll("users");
  holds([&] {
    EXPECT_EQ(storage().hashGetInfo("users").length, 0u);
    EXPECT_EQ(storage().hashGetInfo("users").options, (Json{{"mine", 1}, {"page_size", 1}}));
    EXPECT_EQ(storage().hashGetAll("users"), Json::object());
  });
}

TEST_P(HashApi, EntireDeleteAllRemovesTheHeader) {
  storage().hashPutMulti("users", {{"a", 1}, {"b", 2}}, {.create = {{"page_size", 1}}});
  storage().hashDeleteAll("users", true);
  holds([&] {
    EXPECT_FALSE(storage().has("users"));
    EXPECT_TRUE(storage().list().empty());
  });
}

TEST_P(HashApi, DeleteAllOfNoHashIsNoSuchKey) {
  storage().put("record", 1);
  for (const bool entire : {false, true}) {
    EXPECT_EQ(failureOf([&] { storage().hashDeleteAll("users", entire); }), Code::NoSuchKey);
    EXPECT_EQ(failureOf([&] { storage().hashDeleteAll("record", entire); }), Code::NoSuchKey);
  }
  EXPECT_EQ(storage().get("record"), 1);
}

}  // namespace hexpage::testing
