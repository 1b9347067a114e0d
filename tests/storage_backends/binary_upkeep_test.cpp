// What the binary engine does with room: checkpoints, compaction, a limit for the index.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <hexpage/error.hpp>
#include <hexpage/kv.hpp>
#include <hexpage/testing/contract/temp_dir.hpp>
#include <map>
#include <optional>
#include <set>
#include <thread>

#include "binary/frame.hpp"
#include "binary/segment.hpp"
#include "tests/support/files.hpp"
#include "tests/support/random.hpp"

namespace hexpage::kv {
namespace {

namespace fs = std::filesystem;
using Model = std::map<std::string, std::string>;

struct BinaryUpkeep : ::testing::Test {
  BinaryUpkeep() {
    options.segmentBytes = 64 << 10;
    options.compactInBackground = false;
  }
  Database open() { return Database::open(dir.string(), options); }
  static Model contents(const Database& store, TreeId tree = 0) {
    Model found;
    Cursor cursor = store.cursor(tree);
    while (const auto entry = cursor.next()) found.emplace(entry->key, entry->value);
    return found;
  }
  std::uint64_t bytesOnDisk() const {
    std::uint64_t bytes = 0;
    for (const auto& entry : fs::directory_iterator(dir.path()))
      if (entry.path().filename() != "ballast") bytes += entry.file_size();
    return bytes;
  }
  static std::uint64_t problems(const Database& store) {
    Report report;
    store.verify(report);
    return report.findings.size();
  }

  testing::TempDir dir;
  Options options;
};

TEST_F(BinaryUpkeep, CheckpointsAndLaterWritesMakeOneState) {
  Model model;
  for (int round = 0; round < 6; ++round) {
    Database store = open();
    ASSERT_EQ(contents(store), model);
    for (int i = 0; i < 700; ++i) {
      const std::string key = std::to_string(i * (round % 3 + 1));
      store.set(key, std::to_string(round));
      model[key] = std::to_string(round);
      if (i == 350) store.checkpoint();
    }
    store.erase("0");
    model.erase("0");
    EXPECT_EQ(problems(store), 0u);
  }
  EXPECT_EQ(contents(open()), model);
}

TEST_F(BinaryUpkeep, SnapshotOutlivesCheckpointsAndCompaction) {
  Database store = open();
  Model model;
  for (int i = 0; i < 2'000; ++i) {
    store.set(std::to_string(i), std::string(100, 'a'));
    model[std::to_string(i)] = std::string(100, 'a');
  }
  const Snapshot before = store.snapshot();
  for (int i = 0; i < 2'000; ++i) store.set(std::to_string(i), std::string(100, 'b'));
  store.checkpoint();
  store.compact();
  store.checkpoint();
  Model seen;
  Cursor cursor = before.cursor();
  while (const auto entry = cursor.next()) seen.emplace(entry->key, entry->value);
  EXPECT_EQ(seen, model);
  EXPECT_EQ(before.get("7"), std::string(100, 'a'));
  EXPECT_EQ(store.get("7"), std::string(100, 'b'));
}

TEST_F(BinaryUpkeep, CompactGivesRoomBackAndKeepsTheRest) {
  Model model;
  {
    Database store = open();
    for (int i = 0; i < 4'000; ++i) store.set(std::to_string(i), std::string(200, 'a'));
    for (int i = 0; i < 2'000; ++i) store.erase(std::to_string(2 * i));
    for (int i = 0; i < 4'000; ++i) store.set(std::to_string(i), std::string(200, 'b'));
    for (int i = 0; i < 4'000; i += 4) store.erase(std::to_string(i));
    model = contents(store);
    ASSERT_EQ(model.size(), 3'000u);
    store.compact();
    EXPECT_EQ(contents(store), model);
    EXPECT_EQ(problems(store), 0u);
  }
  EXPECT_LE(bytesOnDisk(), 3'000 * 206 * 1.1 + 64'000);
  EXPECT_EQ(contents(open()), model);
  fs::remove(dir.path() / "index");
  EXPECT_EQ(contents(open()), model);  // nothing that was erased comes back
}

TEST_F(BinaryUpkeep, WhatIsMovedHasNotChanged) {
  Database store = open();
  for (int i = 0; i < 200; ++i) store.set("kept " + std::to_string(i), std::string(200, 'a'));
  for (int i = 0; i < 200; ++i) store.set("dead", std::string(200, 'a'));
  store.compact();
  for (int i = 0; i < 1'000; ++i) store.set("other " + std::to_string(i), std::string(200, 'a'));
  const std::string then = store.snapshot().moment();
  for (int i = 0; i < 100; ++i) store.set("kept " + std::to_string(i), "b");
  const std::uint64_t before = store.stats().logBytes;
  store.compact();
  EXPECT_LT(store.stats().logBytes, before);
  std::set<std::string> changed;
  ASSERT_TRUE(store.snapshot().eachChangeSince(
      then, [&](TreeId, std::string_view key) { changed.emplace(key); }));
  EXPECT_EQ(changed.size(), 100u);
}

TEST_F(BinaryUpkeep, CompactsInTheBackground) {
  options.compactInBackground = true;
  options.syncInterval = Millis(10);
  Database store = open();
  for (int round = 0; round < 12; ++round)
    for (int i = 0; i < 1'000; ++i) store.set(std::to_string(i), std::string(200, 'x'));
  const std::uint64_t live = 1'000 * 225;
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (store.stats().logBytes > live * 3 / 2 + (64 << 10)) {
    ASSERT_LT(std::chrono::steady_clock::now(), end);
    std::this_thread::yield();
  }
  EXPECT_EQ(store.count(), 1'000u);
}

// How much died with it is counted later than it is dropped, but not lost.
TEST_F(BinaryUpkeep, ALargeTreeThatIsDroppedIsCountedAsDeadHoweverTheStoreGoesOn) {
  for (const bool isCheckpointed : {false, true}) {
    for (const bool isHeld : {false, true}) {
      Database store = open();
      Transaction fill = store.begin();
      const TreeId tree = fill.newTree();
      for (int i = 0; i < 5'000; ++i) fill.set(std::to_string(i), "value", tree, Counted::Yes);
      EXPECT_EQ(fill.commit().added, 5'000u);
      std::optional<Snapshot> held;
      if (isHeld) held = store.snapshot();
      Transaction drop = store.begin();
      drop.dropTree(tree, Counted::Yes);
      EXPECT_EQ(drop.commit().removed, 5'000u);
      EXPECT_EQ(store.count(tree), 0u);
      EXPECT_TRUE(contents(store, tree).empty());
      if (held) {
        EXPECT_EQ(held->get("7", tree), "value");
      }
      if (isCheckpointed) store.checkpoint();
      held.reset();
      store.close();
      store = open();
      const Stats stats = store.stats();
      EXPECT_LE(stats.logBytes - stats.deadBytes, 500u);
      store.compact();
      EXPECT_LE(store.stats().logBytes, 1'000u);
      EXPECT_EQ(problems(store), 0u);
    }
  }
}

// A log of which one segment in its middle is damaged, and nine tenths of most are dead.
struct CompactionAroundDamage : BinaryUpkeep {
  // `damage` is what becomes of the bytes from the beginning of a frame on.
  void make(const std::function<void(std::string& log, std::size_t frame)>& damage) {
    fs::remove_all(dir.path());
    {
      Database store = open();
      for (int i = 0; i < 2'000; ++i) store.set(std::to_string(i), std::string(200, 'a'));
      for (int i = 0; i < 2'000; ++i)
        if (i % 10 != 0) store.set(std::to_string(i), std::string(200, 'b'));
    }
    const fs::path file = dir.path() / "log.000003";
    std::string log = testing::readFile(file);
    std::size_t frame = kSegmentHeaderBytes;
    while (frame < log.size() / 2)
      frame += kFrameHeaderBytes + trustFrame(std::string_view(log).substr(frame)).body.size();
    damage(log, frame);
    testing::writeFile(file, log);
  }
  static void flipABit(std::string& log, std::size_t frame) { log[frame + 100] ^= 1; }
  static void zero(std::string& log, std::size_t frame) { log.replace(frame, 400, 400, '\0'); }

  static bool isLeft(const Database& store) {
    for (const SegmentInfo& segment : store.segments())
      if (segment.file == "log.000003") return segment.isDamaged;
    return false;
  }
  // All but at most one live value, which was damaged.
  static void expectTheRest(const Database& store) {
    int lost = 0;
    for (int i = 0; i < 2'000; ++i) {
      try {
        ASSERT_EQ(store.get(std::to_string(i)), std::string(200, i % 10 == 0 ? 'a' : 'b')) << i;
      } catch (const Error& error) {
        ASSERT_EQ(error.code(), Code::Corrupt);
        ++lost;
      }
    }
    EXPECT_LE(lost, 1);
  }
};

// Went wrong: a compaction ended at the segment, and what was zeroed counted as the segment's end,
// so that what came behind it was removed with it.
TEST_F(CompactionAroundDamage, CompactsTheOthersAndTellsOfItOnce) {
  for (const auto damage : {flipABit, zero}) {
    make(damage);
    Database store = open();
    try {
      store.compact();
      ADD_FAILURE() << "the damage was not told";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Code::Corrupt);
      EXPECT_NE(std::string(error.what()).find("log.000003"), std::string::npos) << error.what();
    }
    EXPECT_TRUE(isLeft(store));
    EXPECT_LE(store.stats().logBytes, 2'000 * 225 * 1.1 + (64 << 10));
    expectTheRest(store);
    EXPECT_EQ(problems(store), 1u);
  }
}

// Went wrong: the segment with most to give back was tried again for ever, and no other compacted.
TEST_F(CompactionAroundDamage, PassesOverItInTheBackground) {
  make(flipABit);
  options.compactInBackground = true;
  options.syncInterval = Millis(10);
  Database store = open();
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (!isLeft(store) || store.stats().logBytes > 2'000 * 225 * 1.4 + (64 << 10)) {
    ASSERT_LT(std::chrono::steady_clock::now(), end);
    std::this_thread::yield();
  }
  expectTheRest(store);
}

TEST_F(BinaryUpkeep, RandomOperationsWithCompactionAgreeWithAModel) {
  const std::uint64_t seed = testing::chosenSeed();
  SCOPED_TRACE(::testing::Message() << "HEXPAGE_SEED=" << seed);
  testing::Random random(seed);
  options.indexCacheBytes = 20'000;
  std::map<TreeId, Model> model;
  auto store = std::make_unique<Database>(open());
  for (int step = 0; step < 12'000; ++step) {
    const TreeId tree = random.below(3);
    const std::string key = std::to_string(random.below(1'500));
    if (random.oneIn(3'000)) {
      Transaction change = store->begin();
      change.dropTree(tree);
      change.commit();
      model[tree].clear();
    } else if (random.oneIn(3)) {
      ASSERT_EQ(store->erase(key, tree), model[tree].erase(key) == 1);
    } else {
      const std::string value(random.below(300), 'v');
      store->set(key, value, tree);
      model[tree][key] = value;
    }
    if (random.oneIn(1'000)) store->checkpoint();
    if (random.oneIn(1'500)) store->compact();
    if (random.oneIn(1'500)) {
      store.reset();
      if (random.oneIn(3)) fs::remove(dir.path() / "index");
      store = std::make_unique<Database>(open());
    }
    if (!random.oneIn(1'000)) continue;
    for (TreeId t = 0; t < 3; ++t) ASSERT_EQ(contents(*store, t), model[t]);
    ASSERT_EQ(problems(*store), 0u);
  }
}

TEST_F(BinaryUpkeep, IndexTakesAtMostTwentyBytesARecord) {
  options.segmentBytes = 4 << 20;
  Database store = open();
  std::uint64_t count = 0;
  // Between these numbers pages grow and split, all at about the same time.
  for (const std::uint64_t goal : {2'000u, 3'000u, 4'500u, 7'000u, 10'000u, 15'000u, 22'000u}) {
    Transaction change = store.begin();
    for (; count < goal; ++count) change.set("key" + std::to_string(count), "");
    change.commit();
    EXPECT_LE(store.stats().indexMemoryBytes, 20 * count) << count;
  }
}

TEST_F(BinaryUpkeep, IndexKeepsToItsLimit) {
  options.indexCacheBytes = 64 << 10;
  {
    Database store = open();
    Transaction change = store.begin();
    for (int i = 0; i < 60'000; ++i) change.set("key" + std::to_string(i), std::to_string(i));
    change.commit();
  }
  Database store = open();
  for (int i = 0; i < 60'000; i += 7)
    ASSERT_EQ(store.get("key" + std::to_string(i)), std::to_string(i));
  EXPECT_LE(store.stats().indexMemoryBytes, options.indexCacheBytes * 2);
  store.set("key7", "changed");
  store.checkpoint();
  for (int i = 0; i < 60'000; i += 13) store.get("key" + std::to_string(i));
  EXPECT_EQ(store.get("key7"), "changed");
}

}  // namespace
}  // namespace hexpage::kv
