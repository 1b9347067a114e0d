// What a key may be: any UTF-8 text from 1 byte to 64 KiB, as it is.
#include "tests/support/stores.hpp"

namespace hexpage::testing {

TEST_P(HashApi, KeysAreNeverNormalised) {
  const std::vector<std::string> keys{"Ann", "ann", "é", "e\u0301", "a/b", "a//b", " ann", "ann "};
  for (std::size_t n = 0; n < keys.size(); ++n) storage().hashPut("users", keys[n], n);
  holds([&] {
    EXPECT_EQ(storage().hashGetInfo("users").length, keys.size());
    for (std::size_t n = 0; n < keys.size(); ++n) EXPECT_EQ(storage().hashGet("users", keys[n]), n);
  });
}

TEST_P(HashApi, AKeyMayHoldNul) {
  const std::string key("a\0b", 3);
  storage().hashPut("users", key, 1);
  storage().hashPut("users", "a", 2);
  holds([&] {
    EXPECT_EQ(storage().hashGet("users", key), 1);
    EXPECT_EQ(storage().hashGet("users", "a"), 2);
    EXPECT_TRUE(storage().hashGetAll("users").contains(key));
  });
}

TEST_P(HashApi, TheEmptyKeyIsRefused) {
  storage().hashPut("users", "ann", 1);
  EXPECT_EQ(failureOf([&] { storage().hashPut("users", "", 1); }), Code::InvalidArgument);
  EXPECT_EQ(failureOf([&] { storage().hashPutText("users", "", "1"); }), Code::InvalidArgument);
  EXPECT_EQ(failureOf([&] { storage().hashPutMulti("users", {{"", 1}}); }), Code::InvalidArgument);
  EXPECT_EQ(storage().hashGetInfo("users").length, 1u);
}

TEST_P(HashApi, AKeyOf64KiBIsStoredAndALongerOneRefused) {
  const std::string longest(kMaxKeyBytes, 'k');
  storage().hashPut("users", longest, 1);
  EXPECT_EQ(failureOf([&] { storage().hashPut("users", longest + "k", 1); }),
            Code::InvalidArgument);
  holds([&] {
    EXPECT_EQ(storage().hashGet("users", longest), 1);
    EXPECT_EQ(storage().hashGetInfo("users").length, 1u);
  });
}

TEST_P(HashApi, KeysThatAreNoUtf8AreRefused) {
  for (const char* key : {"\xff", "\xc0\xaf", "a\xc3", "\xed\xa0\x80", "\xf4\x90\x80\x80"}) {
    EXPECT_EQ(failureOf([&] { storage().hashPut("users", key, 1); }), Code::InvalidArgument);
    EXPECT_EQ(failureOf([&] {
                storage().hashPutMulti("users", {{key, 1}});
              }),
              Code::InvalidArgument);
  }
  EXPECT_FALSE(storage().has("users"));
}

}  // namespace hexpage::testing
