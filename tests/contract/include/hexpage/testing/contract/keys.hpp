// Any UTF-8 text is a key, and no two different texts are one key.
#pragma once

#include <hexpage/testing/contract/fixture.hpp>

namespace hexpage::testing {

using namespace std::string_literals;

// Keys that have been trouble for some store: names of JavaScript's own members, integers (which
// JavaScript sorts first), what looks like a file name, and every odd corner of UTF-8.
inline std::vector<std::string> oddKeys() {
  return {"__proto__",
          "constructor",
          "toString",
          "hasOwnProperty",
          "length",
          "type",
          "items",
          "0",
          "10",
          "2",
          "007",
          "-1",
          "4294967294",
          "4294967295",
          "a/b",
          "../escape",
          ".",
          "..",
          "/",
          "data",
          "x.json",
          " ",
          "with space ",
          "tab\tnew\nline\r",
          "\0"s,
          "a\0b"s,
          "a\0"s,
          "\x01\x1f\x7f",
          "\"quoted\"",
          "back\\slash",
          "\\u0041",
          "A",
          "a",
          "é",
          "e\u0301",
          "ß",
          "北京",
          "😀",
          "👩‍👩‍👧",
          "\u2028\u2029",
          "\ufeff",
          "\ufffd",
          "\U0010ffff"};
}

// Two texts with the same MD5 digest, faad49866e9498fc1719f5289e7a0269, published by Marc Stevens.
inline const std::string kCollisionA =
    "TEXTCOLLBYfGiJUETHQ4hAcKSMd5zYpgqf1YRDhkmxHkhPWptrkoyz28wnI9V0aHeAuaKnak";
inline const std::string kCollisionB =
    "TEXTCOLLBYfGiJUETHQ4hEcKSMd5zYpgqf1YRDhkmxHkhPWptrkoyz28wnI9V0aHeAuaKnak";

TEST_P(Contract, OddKeysAreDifferentItems) {
  Items odd;
  for (const std::string& key : oddKeys()) odd[key] = std::to_string(odd.size());
  makeHash("users", odd);
  holds([&] {
    EXPECT_EQ(items("users"), odd);
    EXPECT_EQ(length("users"), static_cast<std::int64_t>(odd.size()));
    for (const auto& [key, text] : odd) EXPECT_EQ(get("users", key), text) << key;
  });
}

TEST_P(Contract, OddKeysAreRemovedOneByOne) {
  makeHash("users", {{"stays", "1"}});
  for (const std::string& key : oddKeys()) {
    EXPECT_EQ(get("users", key), std::nullopt) << key;
    EXPECT_EQ(applyOne(Put{"users", key, "2"}).added, 1u) << key;
    EXPECT_EQ(applyOne(Remove{"users", key}).removed, 1u) << key;
  }
  holds([&] { EXPECT_EQ(items("users"), (Items{{"stays", "1"}})); });
}

TEST_P(Contract, AKeyMayHave64KiB) {
  const std::string one(kMaxKeyBytes, 'k');
  const std::string other = std::string(kMaxKeyBytes - 1, 'k') + 'l';
  makeHash("users", {{one, "1"}, {other, "2"}});
  holds([&] {
    EXPECT_EQ(get("users", one), "1");
    EXPECT_EQ(get("users", other), "2");
    EXPECT_EQ(get("users", one.substr(1)), std::nullopt);
  });
}

TEST_P(Contract, KeysOfOneMd5DigestAreTwoItems) {
  apply(Batch{}.add(Create{"users", R"({"page_size":1})"}));
  applyOne(Put{"users", kCollisionA, "1"});
  applyOne(Put{"users", kCollisionB, "2"});
  applyOne(Put{"users", "other", "3"});
  holds([&] {
    EXPECT_EQ(items("users"), (Items{{kCollisionA, "1"}, {kCollisionB, "2"}, {"other", "3"}}));
    EXPECT_EQ(get("users", kCollisionB), "2");
    EXPECT_EQ(length("users"), 3);
  });
}

TEST_P(Contract, OfTwoKeysOfOneMd5DigestOneIsRemoved) {
  apply(Batch{}
            .add(Create{"users", R"({"page_size":1})"})
            .add(Put{"users", kCollisionA, "1"})
            .add(Put{"users", kCollisionB, "2"}));
  applyOne(Remove{"users", kCollisionA});
  holds([&] { EXPECT_EQ(items("users"), (Items{{kCollisionB, "2"}})); });
}

}  // namespace hexpage::testing
