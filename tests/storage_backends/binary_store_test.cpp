// The binary engine through its own interface: reads, writes, transactions, trees, snapshots.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <hexpage/error.hpp>
#include <hexpage/kv.hpp>
#include <hexpage/testing/contract/temp_dir.hpp>
#include <map>
#include <thread>

#include "tests/support/files.hpp"
#include "tests/support/random.hpp"
#include "tests/support/umask.hpp"

namespace hexpage::kv {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Optional;
using Model = std::map<std::string, std::string>;

struct BinaryStore : ::testing::Test {
  Database open() { return Database::open(dir.string(), options); }

  static Model contents(const Database& store, TreeId tree = 0) {
    Model found;
    Cursor cursor = store.cursor(tree);
    while (const auto entry = cursor.next())
      EXPECT_TRUE(found.emplace(entry->key, entry->value).second) << entry->key << " came twice";
    return found;
  }

  testing::TempDir dir;
  Options options;
};

TEST_F(BinaryStore, GivesBackWhatWasSet) {
  Database store = open();
  store.set("a", "1");
  EXPECT_THAT(store.get("a"), Optional(std::string("1")));
  EXPECT_EQ(store.get("b"), std::nullopt);
  store.set("a", "2");
  EXPECT_THAT(store.get("a"), Optional(std::string("2")));
  EXPECT_EQ(store.count(), 1u);
}

TEST_F(BinaryStore, EraseTellsWhetherItWasThere) {
  Database store = open();
  store.set("a", "1");
  EXPECT_TRUE(store.erase("a"));
  EXPECT_FALSE(store.erase("a"));
  EXPECT_FALSE(store.contains("a"));
}

TEST_F(BinaryStore, KeepsEmptyKeysAndValuesAndAnyBytes) {
  const std::string odd("\0\xFF\n", 3);
  {
    Database store = open();
    store.set("", "empty key");
    store.set("empty value", "");
    store.set(odd, odd);
  }
  const Database store = open();
  EXPECT_THAT(store.get(""), Optional(std::string("empty key")));
  EXPECT_THAT(store.get("empty value"), Optional(std::string()));
  EXPECT_THAT(store.get(odd), Optional(odd));
}

TEST_F(BinaryStore, AValueInTwoPiecesIsOneValue) {
  const std::string large(300'000, 'v');
  {
    Database store = open();
    store.set("alone", Pieces{"one ", "value"});
    store.set("large", Pieces{"a", large});
    store.set("first", Pieces{"all", {}});
    Transaction change = store.begin();
    change.set("together", Pieces{{}, "rest"}, 0, Counted::Yes);
    change.set("large too", Pieces{large, "z"});
    EXPECT_EQ(change.get("together"), "rest");
    EXPECT_EQ(change.commit().added, 1u);
  }
  EXPECT_EQ(contents(open()), (Model{{"alone", "one value"},
                                     {"large", "a" + large},
                                     {"first", "all"},
                                     {"together", "rest"},
                                     {"large too", large + "z"}}));
}

TEST_F(BinaryStore, KeepsTheLongestKeyAndAValueLargerThanASegment) {
  options.segmentBytes = 64 << 10;
  const std::string key(kMaxKey, 'k'), value(300'000, 'v');
  {
    Database store = open();
    store.set("before", "1");
    store.set(key, value);
    store.set("after", "2");
    EXPECT_THROW(store.set(key + "k", "x"), Error);
  }
  const Database store = open();
  EXPECT_THAT(store.get(key), Optional(value));
  EXPECT_EQ(store.count(), 3u);
}

TEST_F(BinaryStore, HasEverythingWhenOpenedAgain) {
  options.segmentBytes = 64 << 10;
  Model model;
  for (int round = 0; round < 4; ++round) {
    Database store = open();
    EXPECT_EQ(contents(store), model);
    for (int i = 0; i < 500; ++i) {
      const std::string key = std::to_string(i * (round + 1)),
                        value(200, static_cast<char>('a' + round));
      store.set(key, value);
      model[key] = value;
    }
    store.erase("0");
    model.erase("0");
  }
  EXPECT_EQ(contents(open()), model);
}

TEST_F(BinaryStore, ReadsManyInTheOrderOfTheKeys) {
  Database store = open();
  store.set("a", "1");
  store.set("c", "3");
  const std::vector<std::string_view> keys{"c", "b", "a", "c"};
  EXPECT_THAT(store.getMany(keys),
              ::testing::ElementsAre(Optional(std::string("3")), std::nullopt,
                                     Optional(std::string("1")), Optional(std::string("3"))));
}

TEST_F(BinaryStore, TransactionIsUnseenUntilCommit) {
  Database store = open();
  store.set("a", "old");
  Transaction change = store.begin();
  change.set("a", "new");
  change.set("b", "new");
  EXPECT_TRUE(change.erase("a"));
  EXPECT_EQ(change.get("a"), std::nullopt);
  EXPECT_THAT(change.get("b"), Optional(std::string("new")));
  EXPECT_THAT(store.get("a"), Optional(std::string("old")));
  EXPECT_EQ(store.get("b"), std::nullopt);
  change.commit();
  EXPECT_EQ(store.get("a"), std::nullopt);
  EXPECT_THAT(store.get("b"), Optional(std::string("new")));
}

TEST_F(BinaryStore, TransactionSeesItsOwnWritesWhateverTheirOrder) {
  Database store = open();
  store.set("a", "0");
  Transaction change = store.begin();
  EXPECT_THAT(change.get("a"), Optional(std::string("0")));
  change.set("a", "1");
  EXPECT_THAT(change.get("a"), Optional(std::string("1")));
  change.erase("a");
  EXPECT_FALSE(change.contains("a"));
  EXPECT_FALSE(change.erase("a"));
  change.set("a", "2");
  EXPECT_THAT(change.get("a"), Optional(std::string("2")));
  change.commit();
  EXPECT_THAT(store.get("a"), Optional(std::string("2")));
  EXPECT_THROW(change.set("a", "3"), Error);
  EXPECT_THROW(change.commit(), Error);
}

TEST_F(BinaryStore, RolledBackTransactionLeavesNothing) {
  options.segmentBytes = 64 << 10;
  {
    Database store = open();
    store.set("a", "old");
    Transaction change = store.begin();
    for (int i = 0; i < 5'000; ++i) change.set(std::to_string(i), std::string(500, 'x'));
    change.rollback();
    {
      Transaction dropped = store.begin();
      dropped.set("a", "dropped");
    }
    EXPECT_EQ(contents(store), (Model{{"a", "old"}}));
    store.set("b", "after");
  }
  EXPECT_EQ(contents(open()), (Model{{"a", "old"}, {"b", "after"}}));
}

TEST_F(BinaryStore, LargeTransactionSpansSegments) {
  options.segmentBytes = 64 << 10;
  Model model;
  {
    Database store = open();
    Transaction change = store.begin();
    for (int i = 0; i < 5'000; ++i) {
      change.set(std::to_string(i), std::string(500, 'x'));
      model[std::to_string(i)] = std::string(500, 'x');
    }
    EXPECT_THAT(change.get("17"), Optional(std::string(500, 'x')));
    EXPECT_EQ(store.count(), 0u);
    change.commit();
    EXPECT_EQ(contents(store), model);
  }
  EXPECT_EQ(contents(open()), model);
}

// Some of them are being written to the log meanwhile.
TEST_F(BinaryStore, LargeTransactionSeesItsOwnWrites) {
  const auto valueOf = [](int i) { return std::to_string(i) + std::string(i % 900, 'x'); };
  constexpr int kMany = 20'000;
  {
    Database store = open();
    Transaction change = store.begin();
    for (int i = 0; i < kMany; ++i) {
      change.set(std::to_string(i), valueOf(i));
      const int before = i - i * 31 % (i + 1);
      ASSERT_THAT(change.get(std::to_string(before)), Optional(valueOf(before)));
    }
    change.set("large", std::string(6 << 20, 'l'));
    EXPECT_EQ(change.get("large")->size(), 6u << 20);
    change.commit();
  }
  const Database store = open();
  EXPECT_EQ(store.count(), kMany + 1u);
  for (int i = 0; i < kMany; i += 7)
    ASSERT_THAT(store.get(std::to_string(i)), Optional(valueOf(i)));
}

TEST_F(BinaryStore, WriterWaitsForTheOneBefore) {
  options.lockTimeout = Millis(20);
  Database store = open();
  Transaction change = store.begin();
  EXPECT_THROW(store.set("a", "1"), Error);
  EXPECT_THROW(store.begin(), Error);
  change.commit();
  store.set("a", "1");
  EXPECT_EQ(store.count(), 1u);
}

TEST_F(BinaryStore, ClosingWakesWhoWaits) {
  Database store = open();
  Transaction change = store.begin();
  Code code{};
  std::thread waiter([&] {
    try {
      store.set("a", "1");
    } catch (const Error& error) {
      code = error.code();
    }
  });
  store.close();
  waiter.join();
  EXPECT_EQ(code, Code::ReadOnly);
}

TEST_F(BinaryStore, TreesAreTablesOfTheirOwn) {
  TreeId one = 0, two = 0;
  {
    Database store = open();
    Transaction change = store.begin();
    one = change.newTree();
    two = change.newTree();
    change.set("a", "zero");
    change.set("a", "one", one);
    change.set("a", "two", two);
    EXPECT_THAT(change.get("a", one), Optional(std::string("one")));
    change.commit();
    EXPECT_NE(one, two);
  }
  Database store = open();
  EXPECT_THAT(store.get("a"), Optional(std::string("zero")));
  EXPECT_THAT(store.get("a", one), Optional(std::string("one")));
  EXPECT_EQ(contents(store, two), (Model{{"a", "two"}}));
  EXPECT_GT(store.begin().newTree(), two);
}

TEST_F(BinaryStore, DroppedTreeIsEmptyAndItsIdStaysUsed) {
  TreeId tree = 0;
  {
    Database store = open();
    Transaction change = store.begin();
    tree = change.newTree();
    for (int i = 0; i < 1'000; ++i) change.set(std::to_string(i), "x", tree);
    change.commit();
    Transaction drop = store.begin();
    drop.set("late", "x", tree);
    drop.dropTree(tree);
    EXPECT_FALSE(drop.contains("late", tree));
    EXPECT_FALSE(drop.contains("1", tree));
    drop.set("later", "x", tree);
    EXPECT_TRUE(drop.contains("later", tree));
    drop.commit();
    EXPECT_EQ(contents(store, tree), (Model{{"later", "x"}}));
  }
  Database store = open();
  EXPECT_EQ(contents(store, tree), (Model{{"later", "x"}}));
  EXPECT_GT(store.begin().newTree(), tree);
}

TEST_F(BinaryStore, SnapshotStaysAsItWas) {
  Database store = open();
  store.set("a", "1");
  store.set("b", "1");
  const Snapshot before = store.snapshot();
  store.set("a", "2");
  store.erase("b");
  store.set("c", "2");
  EXPECT_THAT(before.get("a"), Optional(std::string("1")));
  EXPECT_THAT(before.get("b"), Optional(std::string("1")));
  EXPECT_EQ(before.get("c"), std::nullopt);
  EXPECT_EQ(before.count(), 2u);
  EXPECT_EQ(store.count(), 2u);
}

TEST_F(BinaryStore, CursorGoesInTheOrderOfWriting) {
  Database store = open();
  for (const char* key : {"c", "a", "d", "b"}) store.set(key, "1");
  store.set("c", "2");
  std::vector<std::string> order;
  Cursor cursor = store.cursor();
  while (const auto entry = cursor.next()) order.emplace_back(entry->key);
  EXPECT_EQ(order, (std::vector<std::string>{"a", "d", "b", "c"}));
}

TEST_F(BinaryStore, ReadOnlyReadsAndRefusesToWrite) {
  EXPECT_THROW((void)Database::open(dir.string() + "/none", {.readOnly = true}), Error);
  open().set("a", "1");
  options.readOnly = true;
  Database store = open();
  EXPECT_THAT(store.get("a"), Optional(std::string("1")));
  EXPECT_THROW(store.set("a", "2"), Error);
  EXPECT_THROW(store.begin(), Error);
}

// Went wrong: a copy of a store without the file `lock` could not be opened to be read.
TEST_F(BinaryStore, IsReadWithoutALockFileAndNoneIsMade) {
  {
    Database store = open();
    store.set("a", "1");
    store.checkpoint();
    store.set("b", "2");
    fs::copy(dir.path(), dir.path() / "running");
  }
  fs::remove(dir.path() / "lock");
  fs::remove(dir.path() / "running/lock");
  options.readOnly = true;
  for (const fs::path& path : {dir.path(), dir.path() / "running"}) {
    const Database store = Database::open(path.string(), options);
    EXPECT_THAT(store.get("a"), Optional(std::string("1")));
    EXPECT_THAT(store.get("b"), Optional(std::string("2")));
    EXPECT_FALSE(fs::exists(path / "lock"));
  }
}

TEST_F(BinaryStore, OpenedWithoutALockFileStaysAsItWasWhenItIsWrittenTo) {
  options.segmentBytes = 64 << 10;
  open().set("a", "1");
  fs::remove(dir.path() / "lock");
  Options reading = options;
  reading.readOnly = true;
  const Database before = Database::open(dir.string(), reading);
  Database store = open();
  for (int i = 0; i < 500; ++i) store.set("a", std::string(400, 'x'));
  store.compact();
  EXPECT_THAT(before.get("a"), Optional(std::string("1")));
  EXPECT_THAT(Database::open(dir.string(), reading).get("a"), Optional(std::string(400, 'x')));
}

// Went wrong: the engine by itself looked at no directory, and its files had the umask's rights.
TEST_F(BinaryStore, MakesFilesForTheOwnerAlone) {
  const testing::Umask umask(0);
  const fs::path made = dir.path() / "made";
  const auto expectModes = [&](unsigned file, unsigned directory) {
    EXPECT_EQ(fs::status(made).permissions(), fs::perms(directory));
    for (const fs::directory_entry& entry : fs::directory_iterator(made))
      EXPECT_EQ(entry.status().permissions(), fs::perms(file)) << entry.path();
  };
  Database::open(made.string(), options).set("a", "1");
  expectModes(0600, 0700);
  fs::remove_all(made);
  options.fileMode = 0640;
  options.directoryMode = 0750;
  Database::open(made.string(), options).set("a", "1");
  expectModes(0640, 0750);
  options.fileMode = 0400;
  EXPECT_THROW(open(), Error);
}

TEST_F(BinaryStore, RefusesADirectoryThatOthersMayWriteTo) {
  fs::permissions(dir.path(), fs::perms(0770));
  for (const bool readOnly : {false, true}) {
    options.readOnly = readOnly;
    try {
      open();
      FAIL() << "it was opened";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Code::InvalidArgument);
      EXPECT_THAT(error.what(), HasSubstr("Options::allowSharedDirectory"));
    }
    EXPECT_TRUE(fs::is_empty(dir.path()));
  }
  options.readOnly = false;
  options.directoryMode = 0770;
  open().set("a", "1");
  options.directoryMode = 0700;
  options.allowSharedDirectory = true;
  EXPECT_THAT(open().get("a"), Optional(std::string("1")));
}

TEST_F(BinaryStore, PowerKeepsTheSame) {
  options.durability = Durability::Power;
  options.segmentBytes = 64 << 10;
  {
    Database store = open();
    for (int i = 0; i < 300; ++i) store.set(std::to_string(i), std::string(1'000, 'x'));
  }
  EXPECT_EQ(open().count(), 300u);
}

TEST_F(BinaryStore, RandomOperationsAgreeWithAModel) {
  const std::uint64_t seed = testing::chosenSeed();
  SCOPED_TRACE(::testing::Message() << "HEXPAGE_SEED=" << seed);
  testing::Random random(seed);
  options.segmentBytes = 64 << 10;
  std::map<TreeId, Model> model;
  auto store = std::make_unique<Database>(open());
  for (int step = 0; step < 3'000; ++step) {
    Transaction change = store->begin();
    auto changed = model;
    for (std::size_t n = random.below(8); n > 0; --n) {
      const TreeId tree = random.below(3);
      const std::string key = std::to_string(random.below(500));
      if (random.oneIn(400)) {
        change.dropTree(tree);
        changed[tree].clear();
      } else if (random.oneIn(3)) {
        ASSERT_EQ(change.erase(key, tree), changed[tree].erase(key) == 1);
      } else {
        const std::string value(random.below(random.oneIn(50) ? 20'000 : 300), 'v');
        change.set(key, value, tree);
        changed[tree][key] = value;
      }
    }
    if (random.oneIn(5)) {
      change.rollback();
    } else {
      change.commit();
      model = changed;
    }
    if (random.oneIn(300)) {
      store.reset();
      store = std::make_unique<Database>(open());
      for (TreeId tree = 0; tree < 3; ++tree) ASSERT_EQ(contents(*store, tree), model[tree]);
    }
  }
  for (TreeId tree = 0; tree < 3; ++tree) ASSERT_EQ(contents(*store, tree), model[tree]);
}

}  // namespace
}  // namespace hexpage::kv
