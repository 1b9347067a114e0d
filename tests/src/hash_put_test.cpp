// hashPut, hashPutMulti, hashPutText, hashPutTexts.
#include "tests/support/stores.hpp"

namespace hexpage::testing {

TEST_P(HashApi, PutMakesTheHash) {
  storage().hashPut("users", "ann", {{"age", 41}});
  holds([&] {
    EXPECT_EQ(storage().hashGet("users", "ann"), (Json{{"age", 41}}));
    EXPECT_EQ(storage().hashGetInfo("users").length, 1u);
  });
}

TEST_P(HashApi, PutMakesTheHashWithTheseOptions) {
  const PutOptions options{.create = {{"page_size", 3}, {"mine", true}}};
  storage().hashPut("users", "ann", 1, options);
  holds([&] {
    EXPECT_EQ(storage().hashGetInfo("users").options, (Json{{"page_size", 3}, {"mine", true}}));
  });
}

TEST_P(HashApi, PutIntoAHashIgnoresCreateOptions) {
  storage().hashCreate("users", {{"page_size", 5}});
  storage().hashPut("users", "ann", 1, {.create = {{"page_size", 3}, {"mine", true}}});
  EXPECT_EQ(storage().hashGetInfo("users").options, (Json{{"page_size", 5}}));
}

TEST_P(HashApi, PutRefusesWrongCreateOptions) {
  EXPECT_EQ(failureOf([&] {
              storage().hashPut("users", "a", 1, {.create = {{"page_size", 0}}});
            }),
            Code::InvalidArgument);
  EXPECT_FALSE(storage().has("users"));
}

TEST_P(HashApi, PutReplaces) {
  storage().hashPut("users", "ann", {{"name", "Ann"}, {"age", 41}});
  storage().hashPut("users", "ann", {{"age", 42}});
  holds([&] {
    EXPECT_EQ(storage().hashGet("users", "ann"), (Json{{"age", 42}}));
    EXPECT_EQ(storage().hashGetInfo("users").length, 1u);
  });
}

TEST_P(HashApi, PutStoresEveryKindOfValue) {
  const Json values = Json::parse(R"({"null":null,"true":true,"false":false,"zero":0,"minus":-1,
      "real":1.5,"empty":"","text":"é😀\u0000","array":[],"object":{},"nested":{"a":[1,{"b":[]}]}})");
  for (const auto& [key, value] : values.items()) storage().hashPut("values", key, value);
  holds([&] {
    for (const auto& [key, value] : values.items())
      EXPECT_EQ(storage().hashGet("values", key), value) << key;
  });
}

TEST_P(HashApi, PutOnARecordIsAConflict) {
  storage().put("users", {{"type", "other"}});
  EXPECT_EQ(failureOf([&] { storage().hashPut("users", "a", 1); }), Code::Conflict);
  EXPECT_EQ(storage().get("users"), (Json{{"type", "other"}}));
}

TEST_P(HashApi, PutMultiStoresAll) {
  Json records = Json::object();
  for (int n = 0; n < 150; ++n) records["key" + std::to_string(n)] = {{"n", n}};
  storage().hashPutMulti("users", records, {.create = {{"page_size", 10}}});
  holds([&] {
    EXPECT_EQ(storage().hashGetInfo("users").length, 150u);
    for (const auto& [key, value] : records.items())
      EXPECT_EQ(storage().hashGet("users", key), value);
  });
}

TEST_P(HashApi, PutMultiOfNothingMakesTheHash) {
  storage().hashPutMulti("users", Json::object(), {.create = {{"page_size", 4}}});
  holds([&] { EXPECT_EQ(storage().hashGetInfo("users").pageSize, 4u); });
}

TEST_P(HashApi, PutMultiIsAllOrNone) {
  storage().hashPut("users", "ann", 1);
  const Json records{{"ann", 2}, {"bob", 3}, {"", 4}};  // the empty key is refused
  EXPECT_EQ(failureOf([&] { storage().hashPutMulti("users", records); }), Code::InvalidArgument);
  holds([&] { EXPECT_EQ(storage().hashGetAll("users"), (Json{{"ann", 1}})); });
}

TEST_P(HashApi, PutMultiRefusesWhatIsNoObject) {
  for (const Json& records : {Json(nullptr), Json(1), Json("x"), Json::array({1})})
    EXPECT_EQ(failureOf([&] { storage().hashPutMulti("users", records); }), Code::InvalidArgument);
  EXPECT_FALSE(storage().has("users"));
}

TEST_P(HashApi, PutTextKeepsTheSpelling) {
  storage().hashPutText("users", "ann", R"({"b":1.10,"a":1E2,"10":"\u0041","2":-0})");
  holds([&] {
    EXPECT_EQ(storage().hashGetText("users", "ann"), R"({"b":1.10,"a":1E2,"10":"\u0041","2":-0})");
    EXPECT_EQ(storage().hashGet("users", "ann")["b"], 1.1);
  });
}

TEST_P(HashApi, PutTextRefusesWhatIsNoJson) {
  for (const char* text : {"", " ", "{", "{'a':1}", "[1,]", "nul", "1 2", "{\"a\":1,}", "01", "+1",
                           "\"\t\"", "// x\n1", "\xef\xbb\xbf{}"})
    EXPECT_EQ(failureOf([&] { storage().hashPutText("users", "ann", text); }),
              Code::InvalidArgument)
        << text;
  EXPECT_FALSE(storage().has("users"));
}

TEST_P(HashApi, PutTextsStoresAllAndCountsTheNew) {
  storage().hashPut("users", "ann", 1);
  const std::vector<Item> items{{"ann", "2"}, {"bob", "3"}, {"cat", "4"}, {"bob", "5"}};
  EXPECT_EQ(storage().hashPutTexts("users", items), 2u);
  holds([&] {
    EXPECT_EQ(storage().hashGetMulti("users", {"ann", "bob", "cat"}),
              (std::vector<std::optional<Json>>{2, 5, 4}));
    EXPECT_EQ(storage().hashGetInfo("users").length, 3u);
  });
}

TEST_P(HashApi, PutTextsIsAllOrNone) {
  const std::vector<Item> items{{"ann", "2"}, {"bob", "{"}};
  EXPECT_EQ(failureOf([&] { storage().hashPutTexts("users", items); }), Code::InvalidArgument);
  EXPECT_FALSE(storage().has("users"));
}

TEST_P(HashApi, AHashMayLieBelowAnother) {
  storage().hashPut("app", "a", 1);
  storage().hashPut("app/users", "b", 2);
  storage().hashPut("app/users/old", "c", 3);
  holds([&] {
    EXPECT_EQ(storage().hashGetAll("app"), (Json{{"a", 1}}));
    EXPECT_EQ(storage().hashGetAll("app/users"), (Json{{"b", 2}}));
    EXPECT_EQ(storage().hashGetAll("app/users/old"), (Json{{"c", 3}}));
  });
}

}  // namespace hexpage::testing
