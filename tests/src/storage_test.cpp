// Storage itself: move, sync, verify, repair, layout, files, adopt, over.
#include <algorithm>

#include "tests/support/failing_calls.hpp"
#include "tests/support/files.hpp"
#include "tests/support/stores.hpp"

namespace hexpage::testing {

TEST_P(HashApi, SyncKeepsEverything) {
  storage().hashPut("users", "ann", 1);
  storage().sync();
  holds([&] { EXPECT_EQ(storage().hashGet("users", "ann"), 1); });
}

TEST_P(HashApi, VerifyCountsAndFindsNothing) {
  for (int n = 0; n < 30; ++n)
    storage().hashPut("users", "k" + std::to_string(n), n, {.create = {{"page_size", 4}}});
  storage().put("record", 1);
  const Report report = storage().verify();
  EXPECT_TRUE(report.findings.empty());
  EXPECT_EQ(report.hashes, 1u);
  EXPECT_EQ(report.records, 1u);
  EXPECT_EQ(report.items, 30u);
}

TEST_P(HashApi, RepairOfASoundStoreDoesNothing) {
  storage().hashPut("users", "ann", 1);
  EXPECT_TRUE(storage().repair(true).findings.empty());
  EXPECT_TRUE(storage().repair().findings.empty());
  EXPECT_EQ(storage().hashGet("users", "ann"), 1);
}

TEST_P(HashApi, LayoutAddsUpToTheHash) {
  for (int n = 0; n < 30; ++n)
    storage().hashPut("users", "k" + std::to_string(n), n, {.create = {{"page_size", 4}}});
  std::uint64_t items = 0;
  for (const LayoutNode& node : storage().layout("Users")) items += node.items;
  EXPECT_EQ(items, 30u);
  EXPECT_EQ(failureOf([&] { storage().layout("nobody"); }), Code::NoSuchKey);
}

TEST_P(HashApi, AdoptOfNothingIsNoSuchKey) {
  EXPECT_EQ(failureOf([&] { storage().adopt("nobody"); }), Code::NoSuchKey);
}

TEST(StorageTest, MovesWithItsStore) {
  Storage one = Storage::open({{"backend", "memory"}});
  one.hashPut("users", "ann", 1);
  Storage other = std::move(one);
  EXPECT_EQ(other.hashGet("users", "ann"), 1);
}

TEST(StorageTest, StandsOverABackendOfTheCallers) {
  Storage storage = Storage::over(makeBackend("memory", Json::object()), {{"hash_page_size", 5}});
  EXPECT_EQ(storage.hashCreate("users").pageSize, 5u);
}

TEST(StorageTest, FilesAreThoseOnDisk) {
  for (const StoreKind& kind : {rawFiles(), md5Files()}) {
    TestStore store(kind);
    for (int n = 0; n < 30; ++n)
      store->hashPut("users", "k" + std::to_string(n), n, {.create = {{"page_size", 4}}});
    store->put("record", 1);
    store->sync();
    const std::vector<std::string> files = store->files();
    EXPECT_TRUE(std::is_sorted(files.begin(), files.end()));
    for (const std::string& file : files)
      EXPECT_TRUE(std::filesystem::is_regular_file(store.dir() / file)) << file;
    for (const auto& [file, text] : visibleFiles(store.dir()))
      EXPECT_TRUE(std::binary_search(files.begin(), files.end(), file)) << file;
  }
}

// Without memory to look what a directory is, an exception of Boost came out.
TEST(StorageTest, WhatTheSystemRefusesIsAnErrorThatNamesThePath) {
  for (const StoreKind& kind : {rawFiles(), md5Files(), binaryStore()}) {
    const TempDir dir;
    whereFails(SYS_newfstatat, ENOMEM, [&] {
      try {
        Storage::open(kind.config(dir.string()));
        ADD_FAILURE() << "it was opened";
      } catch (const Error& error) {
        EXPECT_THAT(error.what(), ::testing::HasSubstr(dir.string()));
      }
    });
  }
}

TEST(StorageTest, AMemoryStoreHasNoFiles) {
  TestStore store(inMemory());
  store->hashPut("users", "ann", 1);
  EXPECT_TRUE(store->files().empty());
}

// In the MD5 layout file names do not tell paths: what hexpage did not write it does not list.
TEST(StorageTest, AdoptMakesAHashOfAnotherProgramKnown) {
  TestStore store(md5Files());
  store->hashPut("users", "ann", 1);
  store.close();
  std::filesystem::remove_all(store.dir() / ".hexpage");
  store.open();
  EXPECT_EQ(store->hashGet("users", "ann"), 1);
  store->adopt("users");
  EXPECT_EQ(store->list(), std::vector<std::string>{"users"});
  store.reopen();
  EXPECT_EQ(store->list(), std::vector<std::string>{"users"});
}

}  // namespace hexpage::testing
