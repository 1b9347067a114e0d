// The table of a hash in memory, alone.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <hexpage/error.hpp>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "memory/table.hpp"
#include "tests/support/random.hpp"

namespace hexpage {
namespace {

using testing::Random;
using Items = std::map<std::string, std::string>;

std::string keyOf(std::size_t n) { return "key" + std::to_string(n); }

std::optional<std::string> get(const MemoryTable& table, std::string_view key) {
  auto value = table.get({&key, 1}).front();
  if (!value) return std::nullopt;
  return std::move(value->text);
}

void put(MemoryTable& table, const std::string& key, const std::string& text) {
  table.put(key, text, 0);
  if (table.isCrowded()) table.spread();
}

// An item that comes twice fails the test.
Items scanned(
    const MemoryTable& table, const std::function<void()>& between = [] {}) {
  Items seen;
  std::string cursor;
  do {
    const Chunk chunk = table.scan(cursor);
    for (const Item& item : chunk.items)
      EXPECT_TRUE(seen.emplace(item.key, item.text).second) << "told twice: " << item.key;
    cursor = chunk.next;
    between();
  } while (!cursor.empty());
  return seen;
}

std::uint64_t bytesOf(const Items& items) {
  std::uint64_t bytes = 0;
  for (const auto& [key, text] : items) bytes += key.size() + text.size();
  return bytes;
}

TEST(MemoryTable, HoldsWhatAMapHolds) {
  const std::uint64_t seed = testing::chosenSeed();
  SCOPED_TRACE("HEXPAGE_SEED=" + std::to_string(seed));
  Random random(seed);
  Moments moments;
  MemoryTable table(moments);
  Items model;
  for (int step = 0; step < 20'000; ++step) {
    const std::string key = keyOf(random.below(step % 4000 < 2000 ? 1500 : 300));
    if (random.below(5) < 3) {
      const std::string text(random.below(70), 'x');
      put(table, key, text);
      model[key] = text;
    } else {
      EXPECT_EQ(table.remove(key), model.erase(key) == 1);
    }
    EXPECT_EQ(get(table, key).has_value(), model.contains(key));
  }
  EXPECT_EQ(scanned(table), model);
  EXPECT_EQ(table.size().items, model.size());
  EXPECT_EQ(table.size().bytes, bytesOf(model));
}

TEST(MemoryTable, TellsWhatIsThereOnceWhileItGrows) {
  Moments moments;
  MemoryTable table(moments);
  Items there;
  for (std::size_t n = 0; n < 1000; ++n) put(table, keyOf(n), there[keyOf(n)] = std::to_string(n));
  std::size_t added = 1000;
  Items seen = scanned(table, [&] {
    for (std::size_t end = std::min<std::size_t>(added + 3000, 40'000); added < end; ++added)
      put(table, keyOf(added), "");
  });
  for (const auto& [key, text] : there) EXPECT_EQ(seen[key], text) << key;
  EXPECT_EQ(table.size().items, added);
}

TEST(MemoryTable, TellsWhatIsThereOnceWhileItSpreads) {
  Moments moments;
  MemoryTable table(moments);
  for (std::size_t n = 0; n < 250; ++n) put(table, keyOf(n), "");
  bool isSpread = false;
  const Items seen = scanned(table, [&] {
    if (!isSpread) table.spread();
    isSpread = true;
  });
  EXPECT_EQ(seen.size(), 250u);
}

TEST(MemoryTable, TellsWhatIsThereOnceWhileItShrinks) {
  Moments moments;
  MemoryTable table(moments);
  for (std::size_t n = 0; n < 20'000; ++n) put(table, keyOf(n), "");
  std::size_t left = 20'000;
  const Items seen = scanned(table, [&] {
    for (std::size_t end = std::max<std::size_t>(left - std::min<std::size_t>(left, 900), 100);
         left > end; --left)
      EXPECT_TRUE(table.remove(keyOf(left - 1)));
  });
  for (std::size_t n = 0; n < 100; ++n) EXPECT_TRUE(seen.contains(keyOf(n))) << n;
  EXPECT_EQ(scanned(table).size(), left);
}

TEST(MemoryTable, ChunksOfLargeItemsStaySmall) {
  Moments moments;
  MemoryTable table(moments);
  const std::string large(std::size_t{256} << 10, 'x');
  for (std::size_t n = 0; n < 100; ++n) put(table, keyOf(n), large);
  std::string cursor;
  do {
    const Chunk chunk = table.scan(cursor);
    EXPECT_LE(chunk.items.size(), 16u);
    cursor = chunk.next;
  } while (!cursor.empty());
  EXPECT_EQ(scanned(table).size(), 100u);
}

TEST(MemoryTable, RefusesAForeignCursor) {
  Moments moments;
  EXPECT_THROW(MemoryTable(moments).scan("nonsense"), Error);
}

TEST(MemoryTable, KeepsTheTextOfItemsThatGrowAndShrinkInPlace) {
  Moments moments;
  MemoryTable table(moments);
  for (std::size_t size = 0; size < 100; ++size) {
    put(table, "k", std::string(size, 'a'));
    EXPECT_EQ(get(table, "k"), std::string(size, 'a'));
  }
  for (std::size_t size = 100; size-- > 0;) {
    put(table, "k", std::string(size, 'b'));
    EXPECT_EQ(get(table, "k"), std::string(size, 'b'));
  }
  EXPECT_EQ(table.size().bytes, 1u);
}

// Removes what has expired as it is told, and gives its keys.
std::set<std::string> swept(MemoryTable& table, Expires now) {
  std::set<std::string> keys;
  std::string cursor;
  do {
    const Chunk chunk = table.expired(now, cursor);
    for (const Item& item : chunk.items) {
      EXPECT_TRUE(keys.insert(item.key).second) << "told twice: " << item.key;
      EXPECT_TRUE(item.expires != 0 && item.expires <= now) << item.expires;
      EXPECT_TRUE(table.remove(item.key));
    }
    cursor = chunk.next;
  } while (!cursor.empty());
  return keys;
}

TEST(MemoryTable, TellsWhatHasExpired) {
  const std::uint64_t seed = testing::chosenSeed();
  SCOPED_TRACE("HEXPAGE_SEED=" + std::to_string(seed));
  Random random(seed);
  Moments moments;
  MemoryTable table(moments);
  std::map<std::string, Expires> times;
  for (Expires now = 1; now < 200; ++now) {
    for (int n = 0; n < 60; ++n) {
      const std::string key = keyOf(random.below(2000));
      if (random.oneIn(4)) {
        table.remove(key);
        times.erase(key);
        continue;
      }
      const Expires at = random.oneIn(3) ? 0 : now + static_cast<Expires>(random.below(40));
      table.put(key, "x", at);
      times[key] = at;
    }
    if (table.isCrowded()) table.spread();
    std::set<std::string> due;
    for (const auto& [key, at] : times)
      if (at != 0 && at <= now) due.insert(key);
    for (const std::string& key : due) times.erase(key);
    EXPECT_EQ(swept(table, now), due);
  }
  EXPECT_EQ(table.size().items, times.size());
}

TEST(MemoryTable, TellsWhatHasExpiredOnceThoughItStays) {
  Moments moments;
  MemoryTable table(moments);
  for (std::size_t n = 0; n < 1000; ++n) {
    table.put(keyOf(n), "", 1 + static_cast<Expires>(n % 3));
    if (table.isCrowded()) table.spread();
  }
  std::size_t told = 0;
  std::string cursor;
  do {
    const Chunk chunk = table.expired(2, cursor);
    told += chunk.items.size();
    cursor = chunk.next;
  } while (!cursor.empty());
  EXPECT_EQ(told, 667u);
  EXPECT_EQ(swept(table, 3).size(), 1000u);
}

TEST(MemoryTable, AnItemThatIsPutAnewOftenExpiresAtItsLastTime) {
  Moments moments;
  MemoryTable table(moments);
  for (Expires at = 1; at <= 5000; ++at) table.put("k", "x", at);
  EXPECT_TRUE(swept(table, 4999).empty());
  EXPECT_EQ(swept(table, 5000), std::set<std::string>{"k"});
  table.put("k", "x", 5001);
  table.put("k", "x", 0);
  EXPECT_TRUE(swept(table, 9000).empty());
}

TEST(MemoryTable, ThreadsThatPutAndRemoveDifferentKeysLoseNothing) {
  constexpr std::size_t kEach = 3000;
  Moments moments;
  MemoryTable table(moments);
  table.spread();
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < 3; ++t)
    threads.emplace_back([&, t] {
      for (std::size_t n = 0; n < kEach; ++n) table.put(keyOf(n * 3 + t), std::to_string(t), 0);
      for (std::size_t n = 0; n < kEach; n += 2) table.remove(keyOf(n * 3 + t));
    });
  for (int n = 0; n < 20; ++n) scanned(table);
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(scanned(table).size(), 3 * kEach / 2);
  EXPECT_EQ(table.size().items, 3 * kEach / 2);
}

// A few items that many threads want at once are worth more than one shard.
TEST(MemoryTable, SpreadsWhenThreadsWaitForEachOther) {
  Moments moments;
  MemoryTable table(moments);
  table.put("a", "1", 0);
  EXPECT_FALSE(table.isCrowded());
  std::vector<std::thread> threads;
  {
    const std::lock_guard held(table.shards()[0].mutex);
    for (int n = 0; n < 80; ++n) threads.emplace_back([&] { table.put("b", "2", 0); });
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (!table.isAwaited() && std::chrono::steady_clock::now() < deadline)
      std::this_thread::yield();
  }
  for (std::thread& thread : threads) thread.join();
  ASSERT_TRUE(table.isCrowded());
  table.spread();
  EXPECT_GT(table.shards().size(), 1u);
  EXPECT_FALSE(table.isCrowded());
  EXPECT_EQ(scanned(table), (Items{{"a", "1"}, {"b", "2"}}));
}

}  // namespace
}  // namespace hexpage
