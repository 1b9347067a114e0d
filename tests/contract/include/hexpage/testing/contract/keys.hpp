// Any UTF-8 text is a key, and no two different texts are one key.
#pragma once

#include <hexpage/testing/contract/fixture.hpp>
#include <hexpage/testing/contract/odd_keys.hpp>

namespace hexpage::testing {

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
