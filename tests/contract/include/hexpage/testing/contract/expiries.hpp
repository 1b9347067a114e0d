// When an item expires: kept with the item as it was put, wherever the item goes. Nothing here has
// a clock: an item whose time is long over is as any other.
#pragma once

#include <algorithm>
#include <hexpage/testing/contract/fixture.hpp>
#include <limits>

namespace hexpage::testing {

inline constexpr Expires kLongAgo = 1;
inline constexpr Expires kTomorrow = 1'800'000'000'123;
inline constexpr Expires kLatest = std::numeric_limits<Expires>::max();

using Values = std::map<std::string, Value>;

// Items `key0`... with their number as text. A third never expires, no two others at one time.
inline Values manyExpiring(std::size_t count) {
  Values values;
  for (std::size_t n = 0; n < count; ++n)
    values["key" + std::to_string(n)] = {std::to_string(n),
                                         n % 3 == 0 ? 0 : kTomorrow + static_cast<Expires>(n)};
  return values;
}

inline Batch putsOf(const std::string& path, const Values& values) {
  Batch batch;
  for (const auto& [key, value] : values) batch.add(Put{path, key, value.text, value.expires});
  return batch;
}

// By a scan and, for each key of it, by get.
inline Values valuesOf(Backend& backend, std::string_view path) {
  Values all;
  Chunk chunk;
  do {
    chunk = backend.scan(path, chunk.next);
    for (const Item& item : chunk.items) all[item.key] = {item.text, item.expires};
  } while (!chunk.next.empty());
  for (const auto& [key, value] : all) {
    const std::string_view name = key;
    EXPECT_EQ(backend.get(path, {&name, 1}).front(), value) << key;
  }
  return all;
}

TEST_P(Contract, AnItemKeepsWhenItExpires) {
  makeHash("users");
  apply(Batch{}
            .add(Put{"users", "ann", "1", kTomorrow})
            .add(Put{"users", "bob", "2"})
            .add(Put{"users", "\"c\"\n\\", "3", kLatest}));
  holds([&] {
    EXPECT_EQ(valuesOf(backend(), "users"),
              (Values{{"ann", {"1", kTomorrow}}, {"bob", {"2"}}, {"\"c\"\n\\", {"3", kLatest}}}));
  });
}

TEST_P(Contract, AnItemWhoseTimeIsOverStaysUntilItIsRemoved) {
  makeHash("users");
  applyOne(Put{"users", "ann", "1", kLongAgo});
  holds([&] {
    EXPECT_EQ(valuesOf(backend(), "users"), (Values{{"ann", {"1", kLongAgo}}}));
    EXPECT_EQ(length("users"), 1);
  });
}

TEST_P(Contract, APutReplacesWhenItExpires) {
  makeHash("users");
  applyOne(Put{"users", "ann", "1", kTomorrow});
  applyOne(Put{"users", "bob", "1"});
  applyOne(Put{"users", "cat", "1", kTomorrow});
  applyOne(Put{"users", "ann", "2"});
  applyOne(Put{"users", "bob", "2", kTomorrow});
  applyOne(Put{"users", "cat", "1", kLatest});
  holds([&] {
    EXPECT_EQ(valuesOf(backend(), "users"),
              (Values{{"ann", {"2"}}, {"bob", {"2", kTomorrow}}, {"cat", {"1", kLatest}}}));
  });
}

TEST_P(Contract, WhenItExpiresGoesWithTheItem) {
  makeHash("users");
  apply(Batch{}.add(Put{"users", "ann", "1", kTomorrow}).add(Put{"users", "bob", "1", kTomorrow}));
  applyOne(Remove{"users", "ann"});
  applyOne(Put{"users", "ann", "2"});
  holds([&] {
    EXPECT_EQ(valuesOf(backend(), "users"), (Values{{"ann", {"2"}}, {"bob", {"1", kTomorrow}}}));
  });
  applyOne(Clear{"users"});
  apply(Batch{}.add(Put{"users", "bob", "3"}));
  holds([&] { EXPECT_EQ(valuesOf(backend(), "users"), (Values{{"bob", {"3"}}})); });
}

// Pages split under them and gather again.
TEST_P(Contract, ManyItemsKeepWhenTheyExpire) {
  Values left = manyExpiring(kManyItems);
  makeHash("users");
  apply(putsOf("users", left));
  holds([&] { EXPECT_EQ(valuesOf(backend(), "users"), left); });
  while (left.size() > 2) {
    applyOne(Remove{"users", left.begin()->first});
    left.erase(left.begin());
    if (left.size() % 20 == 0) {
      ASSERT_EQ(valuesOf(backend(), "users"), left);
    }
  }
  holds([&] { EXPECT_EQ(valuesOf(backend(), "users"), left); });
}

TEST_P(Contract, ARenamedHashKeepsWhenItsItemsExpire) {
  const Values many = manyExpiring(kManyItems);
  makeHash("users");
  apply(putsOf("users", many));
  applyOne(Rename{"users", "people"});
  holds([&] { EXPECT_EQ(valuesOf(backend(), "people"), many); });
}

TEST_P(Contract, WhenAnItemExpiresSurvivesAKill) {
  if (!durable()) GTEST_SKIP() << "its data end with the process";
  makeHash("users");
  applyOne(Put{"users", "bob", "1", kTomorrow});
  inAKilledProcess([&] {
    apply(Batch{}.add(Put{"users", "ann", "1", kTomorrow}).add(Put{"users", "bob", "2"}));
  });
  EXPECT_EQ(valuesOf(backend(), "users"), (Values{{"ann", {"1", kTomorrow}}, {"bob", {"2"}}}));
}

// The keys of all that expired() tells, one by one.
inline std::vector<std::string> expiredKeys(Backend& backend, std::string_view path, Expires now) {
  std::vector<std::string> keys;
  Chunk chunk;
  do {
    chunk = backend.expired(path, now, chunk.next);
    for (const Item& item : chunk.items) {
      EXPECT_TRUE(item.expires != 0 && item.expires <= now) << item.key;
      keys.push_back(item.key);
    }
  } while (!chunk.next.empty());
  std::sort(keys.begin(), keys.end());
  return keys;
}

TEST_P(Contract, WhatHasExpiredIsToldOnce) {
  const Values many = manyExpiring(kManyItems);
  const Expires now = kTomorrow + static_cast<Expires>(kManyItems / 2);
  makeHash("users");
  apply(putsOf("users", many));
  std::vector<std::string> expected;
  for (const auto& [key, value] : many)
    if (value.expires != 0 && value.expires <= now) expected.push_back(key);
  holds([&] {
    EXPECT_EQ(expiredKeys(backend(), "users", now), expected);
    EXPECT_TRUE(expiredKeys(backend(), "users", kTomorrow).empty());
    EXPECT_TRUE(expiredKeys(backend(), "nobody", now).empty());
  });
}

TEST_P(Contract, WhatHasExpiredIsToldWhileItIsRemoved) {
  const Values many = manyExpiring(kManyItems);
  makeHash("users");
  apply(putsOf("users", many));
  Chunk chunk;
  do {
    chunk = backend().expired("users", kLatest, chunk.next);
    Batch batch;
    for (const Item& item : chunk.items) batch.add(Remove{"users", item.key, true});
    apply(batch);
  } while (!chunk.next.empty());
  holds([&] {
    EXPECT_TRUE(expiredKeys(backend(), "users", kLatest).empty());
    EXPECT_EQ(length("users"), static_cast<std::int64_t>(kManyItems / 3));
  });
}

TEST_P(Contract, OptionsAreThoseOfTheHashThatIsThere) {
  EXPECT_EQ(backend().options("users"), nullptr);
  applyOne(Create{"users", R"({"mine":[1],"page_size":3})"});
  apply(Batch{}.add(Put{"users", "ann", "1"}));
  holds([&] { EXPECT_EQ(backend().options("users")->dump(), R"({"mine":[1],"page_size":3})"); });
  apply(Batch{}.add(Drop{"users"}).add(Create{"users", R"({"mine":2,"page_size":3})"}));
  holds([&] { EXPECT_EQ(backend().options("users")->dump(), R"({"mine":2,"page_size":3})"); });
  applyOne(Rename{"users", "people"});
  holds([&] {
    EXPECT_EQ(backend().options("users"), nullptr);
    EXPECT_EQ(backend().options("people")->dump(), R"({"mine":2,"page_size":3})");
  });
}

}  // namespace hexpage::testing
