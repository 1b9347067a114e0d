// backup() and restore(): over every backend, beside writers, and what is made of damaged files.
#include <gmock/gmock.h>

#include <atomic>
#include <thread>

#include "tests/support/contents.hpp"
#include "tests/support/process.hpp"
#include "tests/support/random.hpp"
#include "tests/support/stores.hpp"

namespace hexpage::testing {
namespace {

using ::testing::HasSubstr;

void fill(Storage& storage) { fillWithAll(storage, 700); }

std::string backupOf(Storage& storage, const std::string* since = nullptr);

BackupSource sourceOf(const std::string& bytes, const std::string& name = "b") {
  return {name, [&bytes, at = std::size_t{0}](char* buffer, std::size_t size) mutable {
            const std::size_t some = std::min({size, bytes.size() - at, std::size_t{10'000}});
            bytes.copy(buffer, some, at);
            at += some;
            return some;
          }};
}

std::string backupOf(Storage& storage, const std::string* since) {
  std::string bytes;
  BackupOptions options;
  BackupSource earlier;
  if (since) {
    earlier = sourceOf(*since);
    options.since = &earlier;
  }
  backup(
      storage, [&](std::string_view some) { bytes += some; }, options);
  return bytes;
}

class Backup : public HashApi {
 protected:
  // What a store of the same kind has after a restore.
  Texts restored(const std::vector<std::string>& backups) {
    TestStore other(GetParam());
    std::vector<BackupSource> sources;
    for (const std::string& bytes : backups) sources.push_back(sourceOf(bytes));
    restore(*other, sources);
    expectClean(other->verify());
    other.reopen();
    return contentOf(*other);
  }
};

TEST_P(Backup, RestoredIsWhatWasSaved) {
  fill(storage());
  std::string bytes;
  const BackupContents saved = backup(storage(), [&](std::string_view some) { bytes += some; });
  EXPECT_EQ(saved.hashes, 3u);
  EXPECT_EQ(saved.records, 2u);
  EXPECT_EQ(saved.items, 704u);
  EXPECT_EQ(saved.written, 706u);
  EXPECT_EQ(checkBackup(sourceOf(bytes)).id, saved.id);
  EXPECT_EQ(restored({bytes}), contentOf(storage()));
}

TEST_P(Backup, OfNothing) { EXPECT_TRUE(restored({backupOf(storage())}).empty()); }

TEST_P(Backup, ChangesAreRestoredOverTheWhole) {
  fill(storage());
  storage().hashPut("dropped", "a", 1);
  storage().put("erased", 1);
  const std::string whole = backupOf(storage());

  storage().hashPut("app/many", "key 7", "changed");
  storage().hashDelete("app/many", "key 8");
  storage().hashPut("app/many", "new", 1);
  storage().hashDeleteAll("dropped", true);
  storage().erase("erased");
  storage().put("zone", "new");
  storage().hashPut("made", "a", 1);
  const Texts then = contentOf(storage());
  const std::string changes = backupOf(storage(), &whole);
  EXPECT_LT(changes.size(), whole.size() / 20);

  storage().hashSetPageSize("empty", 9);
  storage().hashDeleteAll("app/many");
  storage().hashPut("app/many", "key 7", "again");
  const std::string more = backupOf(storage(), &changes);

  EXPECT_EQ(restored({whole, changes}), then);
  EXPECT_EQ(restored({whole, changes, more}), contentOf(storage()));
}

TEST_P(Backup, WithoutChangesItIsSmall) {
  fill(storage());
  const std::string whole = backupOf(storage());
  const std::string changes = backupOf(storage(), &whole);
  EXPECT_EQ(checkBackup(sourceOf(changes)).written, 0u);
  EXPECT_LT(changes.size(), 2000u);
  EXPECT_EQ(restored({whole, changes, backupOf(storage(), &changes)}), contentOf(storage()));
}

// Each time both removals and puts, over a store that was opened anew and compacted in between.
TEST(BackupOfALog, WritesTheItemsThatChanged) {
  TestStore store(binaryStore());
  fill(*store);
  std::vector<std::string> backups = {backupOf(*store)};
  const auto writtenSince = [&] {
    backups.push_back(backupOf(*store, &backups.back()));
    return checkBackup(sourceOf(backups.back())).written;
  };
  store->hashPut("app/many", "key 7", "changed");
  store->hashPut("app/many", "new", 1);
  store->hashDelete("app/many", "key 8");
  EXPECT_EQ(writtenSince(), 2u);
  store.reopen();
  store->hashDelete("app/many", "new");
  store->hashPut("app/many", "key 8", "is back", {.ttl = std::chrono::hours(1)});
  store->hashDelete("app/many", "key 8");
  store->hashDelete("app/many", "key 9");
  EXPECT_LT(writtenSince(), 300u) << "the hash has a list of times now, and so another entry";
  store->hashPut("app/many", "key 8", "again");
  EXPECT_EQ(writtenSince(), 1u);
  store->compact();
  store->hashPut("app/many", "key 1", "after compacting");
  EXPECT_GE(writtenSince(), 1u);
  TestStore other(binaryStore());
  std::vector<BackupSource> sources;
  for (const std::string& bytes : backups) sources.push_back(sourceOf(bytes));
  restore(*other, sources);
  EXPECT_EQ(contentOf(*other), contentOf(*store));
  expectClean(other->verify());
}

TEST_P(Backup, RandomChangesAreRestored) {
  const std::uint64_t seed = chosenSeed();
  SCOPED_TRACE("seed " + std::to_string(seed));
  Random random(seed);
  std::vector<std::string> backups = {backupOf(storage())};
  for (int round = 0; round < 4; ++round) {
    for (int i = 0; i < 100; ++i) {
      const std::string hash = "h" + std::to_string(random.below(4));
      if (random.oneIn(30))
        storage().hashPutMulti(hash, Json::object());
      else if (random.oneIn(40) && storage().has(hash))
        storage().hashDeleteAll(hash, random.oneIn(2));
      else if (random.oneIn(4))
        storage().hashDeleteMulti(hash, {random.word()});
      else
        storage().hashPut(hash, random.word(), random.document());
    }
    backups.push_back(backupOf(storage(), &backups.back()));
  }
  EXPECT_EQ(restored(backups), contentOf(storage()));
}

TEST_P(Backup, AStoreThatIsNotEmptyNeedsReplace) {
  const std::string bytes = [&] {
    TestStore other(GetParam());
    fill(*other);
    other->hashPut("users", "ann", 1);
    return backupOf(*other);
  }();
  storage().hashPut("users", "bob", 2);
  storage().hashPut("zone", "was", "a hash");
  storage().put("odd", "was a record");
  storage().put("kept", 1);
  const Texts before = contentOf(storage());
  EXPECT_EQ(failureOf([&] { restore(storage(), {sourceOf(bytes)}); }), Code::Conflict);
  EXPECT_EQ(contentOf(storage()), before);
  restore(storage(), {sourceOf(bytes)}, {.replace = true});
  EXPECT_EQ(contentOf(storage()), restored({bytes}));
}

TEST_P(Backup, ThoseThatDoNotBelongTogetherAreRefused) {
  storage().hashPut("users", "ann", 1);
  const std::string whole = backupOf(storage());
  const std::string other = backupOf(storage());
  const std::string changes = backupOf(storage(), &whole);
  const auto refusal = [&](const std::vector<std::string>& backups) {
    return messageOf([&] { restored(backups); });
  };
  EXPECT_THAT(refusal({changes}), HasSubstr("only the changes since another backup"));
  EXPECT_THAT(refusal({other, changes}), HasSubstr("only the changes"));
  EXPECT_THAT(refusal({whole, other}), HasSubstr("is a whole one"));
  EXPECT_THAT(refusal({whole, changes, changes}), HasSubstr("only the changes"));
}

TEST_P(Backup, IsOfOneMoment) {
  // Each transfer leaves the sum over both hashes as it is.
  storage().hashPut("left", "cents", 1000);
  storage().hashPut("right", "cents", 0);
  std::atomic<bool> isOver{false};
  std::atomic<int> transfers{0};
  std::thread writer([&] {
    while (!isOver) {
      storage().transaction({"left", "right"}, [&](Transaction& tx) {
        tx.hashDecrement("left", "cents");
        tx.hashIncrement("right", "cents");
        tx.hashPut("right", "k" + std::to_string(transfers % 50), int{transfers});
      });
      ++transfers;
    }
  });
  for (int round = 0; round < 5; ++round) {
    const int before = transfers;
    while (transfers == before) std::this_thread::yield();
    const std::string bytes = backupOf(storage());
    TestStore other(inMemory());
    restore(*other, {sourceOf(bytes)});
    EXPECT_EQ(
        other->hashGet("left", "cents").get<int>() + other->hashGet("right", "cents").get<int>(),
        1000);
  }
  isOver = true;
  writer.join();
}

INSTANTIATE_TEST_SUITE_P(Stores, Backup,
                         ::testing::Values(inMemory(), bufferedFiles(), md5Files(), binaryStore()),
                         storeName);

class BackupFile : public ::testing::Test {
 protected:
  BackupFile() {
    TestStore store(inMemory());
    store->hashPutMulti("users", {{"ann", {{"age", 41}}}, {"bob", 2}});
    store->hashCreate("empty");
    store->put("note", true);
    bytes_ = backupOf(*store);
  }

  void expectRefused(const std::string& bytes, const std::string& what) {
    TestStore store(inMemory());
    EXPECT_EQ(failureOf([&] { restore(*store, {sourceOf(bytes)}); }), Code::Corrupt) << what;
    EXPECT_TRUE(store->list().empty()) << what;
    EXPECT_EQ(failureOf([&] { checkBackup(sourceOf(bytes)); }), Code::Corrupt) << what;
  }

  std::string bytes_;
};

TEST_F(BackupFile, CutShortAnywhereIsRefused) {
  for (std::size_t size = 0; size < bytes_.size(); ++size)
    expectRefused(bytes_.substr(0, size), "cut at " + std::to_string(size));
}

TEST_F(BackupFile, AnyFlippedBitIsRefused) {
  for (std::size_t at = 0; at < bytes_.size(); ++at)
    for (const int bit : {0, 3, 7}) {
      std::string damaged = bytes_;
      damaged[at] = static_cast<char>(damaged[at] ^ (1 << bit));
      expectRefused(damaged, "byte " + std::to_string(at) + ", bit " + std::to_string(bit));
    }
}

TEST_F(BackupFile, WhatFollowsItsEndIsRefused) {
  expectRefused(bytes_ + "x", "a byte behind");
  expectRefused(bytes_ + bytes_, "twice");
}

TEST_F(BackupFile, ErrorsSayWhatIsWrong) {
  const auto complaint = [](const std::string& bytes) {
    return messageOf([&] { checkBackup(sourceOf(bytes, "my.backup")); });
  };
  EXPECT_EQ(complaint("{\"a\":1}"), "backup my.backup: no backup of hexpage");
  EXPECT_THAT(complaint("hexpage backup 2\nwhatever"), HasSubstr("of a version that"));
  EXPECT_THAT(complaint(bytes_.substr(0, bytes_.size() - 1)), HasSubstr("cut short after"));
}

TEST(Restore, KilledWithNothingPlacedTheStoreIsAsItWas) {
  const TempDir dir;
  const Json config = bufferedFiles().config(dir.string() + "/data");
  std::string bytes;
  Texts before;
  {
    TestStore source(inMemory());
    fill(*source);
    bytes = backupOf(*source);
    Storage storage = Storage::open(config);
    storage.hashPut("users", "ann", 1);
    before = contentOf(storage);
  }
  Process process([&](const Line&) {
    Storage storage = Storage::open(config);
    const auto die = [](const BackupProgress& at) {
      if (at.path == "odd") ::kill(::getpid(), SIGKILL);
    };
    restore(storage, {sourceOf(bytes)}, {.replace = true, .progress = die});
  });
  EXPECT_NE(process.waitForEnd(), 0);
  Storage storage = Storage::open(config);
  EXPECT_EQ(contentOf(storage), before);
  for (const std::string& file : storage.files())
    EXPECT_THAT(file, ::testing::Not(HasSubstr("hidden")));
}

TEST(Snapshot, LeftByAKilledProcessGoesAtTheNextOpening) {
  const TempDir dir;
  const Json config = rawFiles().config(dir.string() + "/data");
  Process process([&](const Line&) {
    Storage storage = Storage::open(config);
    storage.hashPut("users", "ann", 1);
    backup(storage, [](std::string_view) { ::kill(::getpid(), SIGKILL); });
  });
  EXPECT_NE(process.waitForEnd(), 0);
  const Storage storage = Storage::open(config);
  EXPECT_FALSE(std::filesystem::exists(dir.path() / "data/.hexpage/snapshots/0"));
}

}  // namespace
}  // namespace hexpage::testing
