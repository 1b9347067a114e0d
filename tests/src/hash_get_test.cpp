// hashGet, hashFind, hashHas, hashGetMulti, hashGetAll and the texts.
#include "tests/support/stores.hpp"

namespace hexpage::testing {

TEST_P(HashApi, GetOfNoKeyIsNoSuchKeyThatNamesBoth) {
  storage().hashPut("users", "ann", 1);
  EXPECT_EQ(failureOf([&] { storage().hashGet("users", "bob"); }), Code::NoSuchKey);
  EXPECT_EQ(failureOf([&] { storage().hashGetText("users", "bob"); }), Code::NoSuchKey);
  const std::string message = messageOf([&] { storage().hashGet("users", "bob"); });
  EXPECT_NE(message.find("users"), std::string::npos) << message;
  EXPECT_NE(message.find("bob"), std::string::npos) << message;
}

TEST_P(HashApi, GetFromNoHashIsNoSuchKey) {
  EXPECT_EQ(failureOf([&] { storage().hashGet("users", "bob"); }), Code::NoSuchKey);
  EXPECT_EQ(failureOf([&] { storage().hashGetText("users", "bob"); }), Code::NoSuchKey);
}

// The caller can tell a missing hash from a missing key by what the error says.
TEST_P(HashApi, TheMessageTellsAMissingHashFromAMissingKey) {
  const std::string noHash = messageOf([&] { storage().hashGet("users", "bob"); });
  storage().hashCreate("users");
  const std::string noKey = messageOf([&] { storage().hashGet("users", "bob"); });
  EXPECT_NE(noHash, noKey);
}

TEST_P(HashApi, FindGivesNothingForWhatIsNotThere) {
  EXPECT_EQ(storage().hashFind("users", "bob"), std::nullopt);
  EXPECT_EQ(storage().hashFindText("users", "bob"), std::nullopt);
  storage().hashPut("users", "ann", nullptr);
  EXPECT_EQ(storage().hashFind("users", "bob"), std::nullopt);
  EXPECT_EQ(storage().hashFind("users", "ann"), std::optional<Json>(nullptr));
  EXPECT_EQ(storage().hashFindText("users", "ann"), "null");
}

TEST_P(HashApi, HasTellsWhatIsThere) {
  EXPECT_FALSE(storage().hashHas("users", "ann"));
  storage().hashPut("users", "ann", false);
  EXPECT_TRUE(storage().hashHas("users", "ann"));
  EXPECT_FALSE(storage().hashHas("users", "bob"));
}

TEST_P(HashApi, GetMultiKeepsTheOrderOfTheKeys) {
  storage().hashPutMulti("users", {{"ann", 1}, {"bob", 2}, {"cat", 3}});
  const std::vector<std::optional<Json>> expected{3, std::nullopt, 1, 3};
  EXPECT_EQ(storage().hashGetMulti("users", {"cat", "nobody", "ann", "cat"}), expected);
}

TEST_P(HashApi, GetMultiFromNoHashIsAllEmpty) {
  const std::vector<std::optional<Json>> expected(2);
  EXPECT_EQ(storage().hashGetMulti("users", {"a", "b"}), expected);
  EXPECT_TRUE(storage().hashGetMulti("users", std::vector<std::string>{}).empty());
}

TEST_P(HashApi, GetAllGivesEverything) {
  Json records = Json::object();
  for (int n = 0; n < 70; ++n) records["key" + std::to_string(n)] = n;
  storage().hashPutMulti("users", records, {.create = {{"page_size", 5}}});
  holds([&] {
    const Json all = storage().hashGetAll("users");
    EXPECT_EQ(all.size(), records.size());
    for (const auto& [key, value] : records.items()) EXPECT_EQ(all.value(key, Json()), value);
  });
}

TEST_P(HashApi, GetAllOfNothingIsAnEmptyObject) {
  EXPECT_EQ(storage().hashGetAll("users"), Json::object());
  storage().hashCreate("users");
  EXPECT_EQ(storage().hashGetAll("users"), Json::object());
}

TEST_P(HashApi, AReadMakesNoHash) {
  storage().hashFind("users", "ann");
  storage().hashGetAll("users");
  storage().hashEach("users", [](const std::string&, const Json&) {});
  EXPECT_FALSE(storage().has("users"));
  EXPECT_TRUE(storage().list().empty());
}

}  // namespace hexpage::testing
