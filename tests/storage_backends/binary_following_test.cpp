// Two openings of one store of the binary engine, which know of each other no more than two
// processes do: what one does while the other is not looking.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <hexpage/error.hpp>
#include <hexpage/kv.hpp>
#include <hexpage/testing/contract/temp_dir.hpp>
#include <map>
#include <vector>

#include "tests/support/random.hpp"

namespace hexpage::kv {
namespace {

namespace fs = std::filesystem;
using ::testing::Optional;

struct BinaryFollowing : ::testing::Test {
  BinaryFollowing() {
    options.segmentBytes = 64 << 10;
    options.syncInterval = Millis(100'000);  // nothing happens by itself
    options.compactInBackground = false;
  }
  Database open() { return Database::open(dir.string(), options); }
  Database openToRead() {
    Options reading = options;
    reading.readOnly = true;
    return Database::open(dir.string(), reading);
  }
  // Some segments that compacting takes away as a whole.
  static void fill(Database& store, const std::string& value = std::string(300, 'x')) {
    for (int i = 0; i < 700; ++i) store.set("filler", value);
  }
  static void expectWhole(const Database& store) {
    Report report;
    store.verify(report);
    EXPECT_TRUE(report.clean()) << report.findings.front().reason;
  }

  testing::TempDir dir;
  Options options;
};

// Went wrong: what was erased in a segment that was compacted away stayed for who had not read it.
TEST_F(BinaryFollowing, ErasuresInASegmentThatIsGoneAreSeen) {
  Database writer = open();
  writer.set("erased", "1");
  writer.set("kept", "1");
  writer.set("in a tree", "1", 7);
  const Database reader = openToRead();
  Database other = open();
  EXPECT_TRUE(other.contains("erased"));
  fill(writer);
  writer.erase("erased");
  Transaction change = writer.begin();
  change.dropTree(7);
  change.commit();
  fill(writer);
  writer.compact();
  writer.compact();
  writer.set("kept", "2");
  for (const Database* const follower : {&reader, static_cast<const Database*>(&other)}) {
    EXPECT_FALSE(follower->contains("erased"));
    EXPECT_FALSE(follower->contains("in a tree", 7));
    EXPECT_THAT(follower->get("kept"), Optional(std::string("2")));
    EXPECT_EQ(follower->count(), 2u);
    EXPECT_EQ(follower->count(7), 0u);
    expectWhole(*follower);
  }
  other.set("by the other", "1");
  EXPECT_EQ(reader.count(), 3u);
  EXPECT_EQ(writer.count(), 3u);
  other.close();
  writer.close();
  EXPECT_EQ(open().count(), 3u);
}

TEST_F(BinaryFollowing, SnapshotFromBeforeOutlivesGoingOnFromTheIndex) {
  Database writer = open();
  for (int i = 0; i < 500; ++i) writer.set(std::to_string(i), std::string(200, 'a'));
  const Database reader = openToRead();
  const Snapshot before = reader.snapshot();
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 500; ++i) writer.erase(std::to_string(i));
    fill(writer);
    for (int i = 0; i < 500; ++i) writer.set(std::to_string(i), std::string(200, 'b'));
    fill(writer);
    writer.compact();
    writer.compact();
    EXPECT_EQ(reader.count(), 501u);
    EXPECT_THAT(reader.get("7"), Optional(std::string(200, 'b')));
  }
  std::size_t seen = 0;
  Cursor cursor = before.cursor();
  while (const auto entry = cursor.next()) {
    EXPECT_EQ(entry->value, std::string(200, 'a'));
    ++seen;
  }
  EXPECT_EQ(seen, 500u);
}

// Went wrong: it wrote an index down that named the removed segment, and nothing opened any more.
TEST_F(BinaryFollowing, CheckpointBesideAnothersCompactionNamesNoRemovedSegment) {
  Database writer = open();
  Database other = open();
  fill(writer);
  writer.compact();
  EXPECT_EQ(other.count(), 1u);
  fill(writer);
  writer.compact();
  other.checkpoint();
  other.set("a", "1");
  other.close();
  // Nothing of the writer's closing heals it.
  const std::string copy = (dir.path() / "copy").string();
  fs::create_directory(copy);
  for (const auto& entry : fs::directory_iterator(dir.path()))
    if (entry.is_regular_file() && entry.path().filename() != "lock")
      fs::copy(entry.path(), fs::path(copy) / entry.path().filename());
  const Database opened = Database::open(copy, options);
  EXPECT_EQ(opened.count(), 2u);
  expectWhole(opened);
}

// Went wrong: it named a segment that a transaction had begun, which was then rolled back.
TEST_F(BinaryFollowing, CheckpointInATransactionNamesNoSegmentOfIt) {
  const pid_t child = ::fork();
  if (child == 0) {
    Database store = open();
    store.set("a", "1");
    Transaction change = store.begin();
    for (int i = 0; i < 1'000; ++i) change.set(std::to_string(i), std::string(2'000, 'x'));
    store.checkpoint();
    change.rollback();
    ::_exit(0);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_EQ(status, 0);
  EXPECT_EQ(open().count(), 1u);
}

// Went wrong: behind a seal with nothing after it a store counted as damaged for who opened it.
TEST_F(BinaryFollowing, OpensBesideOneThatSealedItsLastSegment) {
  Database writer = open();
  for (int i = 0; i < 100; ++i) writer.set(std::to_string(i), "x");
  const Database reader = openToRead();
  writer.compact();  // nothing to gain: it only seals
  EXPECT_EQ(reader.count(), 100u);
  Database other = open();
  EXPECT_EQ(other.count(), 100u);
  other.set("more", "x");
  EXPECT_EQ(writer.count(), 101u);
  EXPECT_EQ(reader.count(), 101u);
}

// Went wrong: who opened a store beside a long transaction kept the segments of it that were taken
// back, and took them for those that came later.
TEST_F(BinaryFollowing, SegmentsOfATransactionThatIsRolledBackAreNotTaken) {
  Database writer = open();
  writer.set("a", "1");
  Transaction change = writer.begin();
  for (int i = 0; i < 1'000; ++i) change.set(std::to_string(i), std::string(2'000, 'x'));
  const Database reader = openToRead();
  options.lockTimeout = Millis(50);
  Database other = open();
  change.rollback();
  for (int i = 0; i < 1'000; ++i) writer.set(std::to_string(i), std::string(300, 'y'));
  for (const Database* const follower : {&reader, static_cast<const Database*>(&other)}) {
    EXPECT_EQ(follower->count(), 1'001u);
    EXPECT_THAT(follower->get("999"), Optional(std::string(300, 'y')));
  }
  options.lockTimeout = Millis(30'000);
}

// Went wrong: nobody could write after a process that ended between making a segment and its
// header.
TEST_F(BinaryFollowing, UnbornSegmentOfADeadProcessIsPassedOver) {
  Database first = open();
  Database second = open();
  second.set("a", "1");
  std::ofstream(dir.path() / "log.000002");
  first.set("b", "1");
  fill(first);
  EXPECT_EQ(second.count(), 3u);
}

// Random work of three openings that look and write in turn, against a model.
TEST_F(BinaryFollowing, RandomTurnsOfThreeMakeOneState) {
  const std::uint64_t seed = testing::chosenSeed();
  SCOPED_TRACE(::testing::Message() << "HEXPAGE_SEED=" << seed);
  testing::Random random(seed);
  std::vector<Database> stores;
  for (int i = 0; i < 3; ++i) stores.push_back(open());
  std::map<std::string, std::string> model;
  for (int turn = 0; turn < 250; ++turn) {
    SCOPED_TRACE(turn);
    Database& store = stores[random.below(stores.size())];
    switch (random.below(8)) {
      case 0:
        store.compact();
        break;
      case 1:
        store.checkpoint();
        break;
      case 2: {
        const std::string key = std::to_string(random.below(200));
        const auto known = model.find(key);
        ASSERT_EQ(store.get(key),
                  known == model.end() ? std::nullopt : std::optional(known->second));
        ASSERT_EQ(store.count(), model.size());
        break;
      }
      case 3:
        store.close();
        store = open();
        break;
      default:
        for (std::size_t n = random.below(120); n > 0; --n) {
          const std::string key = std::to_string(random.below(200));
          if (random.below(3) == 0) {
            ASSERT_EQ(store.erase(key), model.erase(key) != 0);
          } else {
            store.set(key, model[key] = std::string(random.below(900), static_cast<char>(turn)));
          }
        }
    }
  }
  for (const Database& store : stores) {
    ASSERT_EQ(store.count(), model.size());
    for (const auto& [key, value] : model) ASSERT_THAT(store.get(key), Optional(value));
    expectWhole(store);
  }
}

}  // namespace
}  // namespace hexpage::kv
