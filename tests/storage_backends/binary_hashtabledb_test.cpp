// What HashTableDB's tests ask of it and no other test here asks:
// docs/migrating-from-hashtabledb.md has the whole list.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <hexpage/kv.hpp>
#include <hexpage/testing/contract/temp_dir.hpp>
#include <map>
#include <random>
#include <vector>

namespace hexpage::kv {
namespace {

using Model = std::map<std::string, std::string>;

Model contents(const Database& store) {
  Model found;
  Cursor cursor = store.cursor();
  while (const auto entry = cursor.next())
    EXPECT_TRUE(found.emplace(entry->key, entry->value).second) << entry->key;
  return found;
}

struct BinaryLikeHashTableDb : ::testing::Test {
  testing::TempDir dir;
  Database store = Database::open(dir.string());
};

TEST_F(BinaryLikeHashTableDb, EveryKeyOfOneOrTwoBytesIsAnother) {
  Model model;
  Transaction change = store.begin();
  for (int a = 0; a < 256; ++a)
    for (int b = -1; b < 256; b += 3) {
      std::string key(1, static_cast<char>(a));
      if (b >= 0) key += static_cast<char>(b);
      model[key] = std::to_string(a * 1'000 + b);
      change.set(key, model[key]);
    }
  change.commit();
  EXPECT_EQ(contents(store), model);
}

TEST_F(BinaryLikeHashTableDb, LongCommonPrefixesInAnyOrderMakeTheSame) {
  Model model;
  std::vector<std::string> keys;
  for (int i = 0; i < 3'000; ++i) {
    keys.push_back("users/by-country/de/" + std::string(200, 'p') + std::to_string(i));
    model[keys.back()] = std::to_string(i);
  }
  const auto fill = [&](TreeId tree) {
    Transaction change = store.begin();
    for (const std::string& key : keys) change.set(key, model[key], tree);
    change.commit();
  };
  fill(0);
  std::reverse(keys.begin(), keys.end());
  fill(1);
  std::shuffle(keys.begin(), keys.end(), std::mt19937(7));
  fill(2);
  EXPECT_EQ(contents(store), model);
  for (const TreeId tree : {1, 2}) {
    EXPECT_EQ(store.count(tree), model.size());
    for (const std::string& key : keys) ASSERT_EQ(store.get(key, tree), model[key]);
  }
}

TEST_F(BinaryLikeHashTableDb, CursorTellsShortAndLongKeysOnce) {
  Model model;
  for (int i = 0; i < 1'000; ++i) {
    const std::string key =
        std::string(static_cast<std::size_t>(i % 7 * i % 300), 'k') + std::to_string(i);
    store.set(key, std::string(static_cast<std::size_t>(i), 'v'));
    model[key] = std::string(static_cast<std::size_t>(i), 'v');
  }
  EXPECT_EQ(contents(store), model);
}

// It is one more record of the log, which a compaction takes away; nothing else grows.
TEST_F(BinaryLikeHashTableDb, WritingTheSameAgainKeepsTheIndexAsItIs) {
  for (int i = 0; i < 2'000; ++i) store.set(std::to_string(i), "value");
  store.compact();
  const Stats before = store.stats();
  for (int i = 0; i < 2'000; ++i) store.set(std::to_string(i), "value");
  const Stats after = store.stats();
  EXPECT_EQ(after.records, before.records);
  EXPECT_EQ(after.indexPages, before.indexPages);
  EXPECT_EQ(after.indexMemoryBytes, before.indexMemoryBytes);
  store.compact();
  EXPECT_LE(store.stats().logBytes, before.logBytes + before.logBytes / 50);
}

TEST_F(BinaryLikeHashTableDb, LimitsMayBeAPartOfTheMemory) {
  const auto memory = static_cast<std::uint64_t>(::sysconf(_SC_PHYS_PAGES)) *
                      static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  EXPECT_NEAR(static_cast<double>(percentOfMemory(5)), static_cast<double>(memory) / 20, 4096);
  EXPECT_EQ(percentOfMemory(0), 0u);
}

}  // namespace
}  // namespace hexpage::kv
