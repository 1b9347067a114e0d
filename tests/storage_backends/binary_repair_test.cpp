// What is damaged in a store of the backend `binary`, and what repair saves of it.
#include <gtest/gtest.h>

#include <hexpage/hexpage.hpp>
#include <hexpage/testing/contract/temp_dir.hpp>

#include "tests/support/failing_calls.hpp"
#include "tests/support/files.hpp"
#include "tests/support/stores.hpp"

namespace hexpage::testing {
namespace {

struct BinaryRepair : ::testing::Test {
  Storage open() const { return Storage::open(config); }

  // Three hashes, each made by a batch of its own.
  void make() const {
    Storage storage = open();
    for (const std::string path : {"a", "b", "c"})
      storage.hashPutMulti(path, {{path + "-marker", path}, {"other", 1}});
  }

  // Changes a byte of the log where the text is.
  void damage(const std::string& text) const {
    std::string log = readFile(data / "log.000001");
    const std::size_t at = log.find(text);
    ASSERT_NE(at, std::string::npos);
    log[at] ^= 1;
    writeFile(data / "log.000001", log);
  }

  TempDir dir;
  std::filesystem::path data = dir.path() / "data";
  Json config = {{"backend", "binary"},
                 {"binary", {{"base_dir", data.string()}, {"segment_bytes", 65536}}}};
};

// The index is missing too, so that the log is read on opening.
TEST_F(BinaryRepair, ADamagedLogIsToldByWhateverNeedsIt) {
  make();
  damage("b-marker");
  std::filesystem::remove(data / "index");
  Storage storage = open();
  try {
    storage.hashGet("a", "other");
    FAIL() << "read from a damaged store";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::Corrupt) << error.what();
  }
  EXPECT_FALSE(storage.verify().clean());
}

// It is the first thing in the log.
TEST_F(BinaryRepair, WhatTheStoreSaysOfItselfIsWrittenAgain) {
  make();
  damage("lower_case_keys");
  std::filesystem::remove(data / "index");
  open().repair();
  EXPECT_TRUE(open().verify().clean());
  EXPECT_THROW(Storage::open({{"backend", "binary"},
                              {"binary", {{"base_dir", data.string()}}},
                              {"lower_case_keys", false}}),
               Error);
}

TEST_F(BinaryRepair, SavesWhatIsNotDamaged) {
  for (const bool hasIndex : {true, false}) {
    std::filesystem::remove_all(data);
    make();
    damage("b-marker");
    if (!hasIndex) std::filesystem::remove(data / "index");
    Storage storage = open();
    EXPECT_FALSE(storage.repair(true).clean());
    EXPECT_FALSE(std::filesystem::exists(data / "quarantine"));
    storage.repair();
    EXPECT_EQ(storage.hashGet("a", "a-marker"), "a");
    EXPECT_EQ(storage.hashGet("c", "c-marker"), "c");
    EXPECT_FALSE(storage.hashHas("b", "b-marker"));
    EXPECT_TRUE(storage.verify().clean());
    EXPECT_TRUE(std::filesystem::exists(data / "quarantine" / "log.000001"));
    storage.hashPut("b", "new", 1);
  }
  Storage storage = open();
  EXPECT_EQ(storage.hashGet("b", "new"), 1);
  EXPECT_TRUE(storage.verify().clean());
}

// Pages of the index are split around it again and again.
TEST_F(BinaryRepair, AHashGrowsBesideADamagedItemAndIsSavedWithoutIt) {
  constexpr int kBatches = 40, kItems = 500;
  {
    Storage storage = open();
    for (const std::string key : {"first", "damaged", "last"}) storage.hashPut("a", key, key + "!");
  }
  damage("damaged!");
  Storage storage = open();
  for (int batch = 0; batch < kBatches; ++batch) {
    Json items = Json::object();
    for (int i = 0; i < kItems; ++i) items[std::to_string(batch * kItems + i)] = i;
    storage.hashPutMulti("a", items);
  }
  const auto expectTheRest = [&] {
    EXPECT_EQ(storage.hashGet("a", "first"), "first!");
    EXPECT_EQ(storage.hashGet("a", "last"), "last!");
    for (int i = 0; i < kBatches * kItems; i += 97)
      ASSERT_EQ(storage.hashGet("a", std::to_string(i)), i % kItems);
  };
  expectTheRest();
  EXPECT_EQ(failureOf([&] { storage.hashGet("a", "damaged"); }), Code::Corrupt);
  EXPECT_FALSE(storage.verify().clean());

  storage.repair();
  expectTheRest();
  EXPECT_FALSE(storage.hashHas("a", "damaged"));
  EXPECT_EQ(storage.hashGetInfo("a").length, kBatches * kItems + 2u);
  EXPECT_TRUE(storage.verify().clean());
}

// What is on the disk then is not known, and a second sync is not believed.
TEST_F(BinaryRepair, AFailedSyncLeavesTheStoreReadOnlyUntilItIsOpenedAnew) {
  config["durability"] = "power";
  const auto put = [](Storage& storage, int value) -> std::optional<Code> {
    try {
      storage.hashPut("a", "key", value);
    } catch (const Error& error) {
      return error.code();
    }
    return std::nullopt;
  };
  {
    Storage storage = open();
    EXPECT_EQ(put(storage, 1), std::nullopt);
    whereFails(SYS_fdatasync, EIO, [&] { EXPECT_EQ(put(storage, 2), Code::Io); });
    EXPECT_EQ(put(storage, 3), Code::ReadOnly);
    EXPECT_NE(storage.hashGet("a", "key"), 3);
  }
  Storage storage = open();
  EXPECT_EQ(put(storage, 4), std::nullopt);
  EXPECT_EQ(storage.hashGet("a", "key"), 4);
}

// A second sync was believed, by sync() and by who had waited for the first.
TEST_F(BinaryRepair, NothingIsOnDiskThatCameBeforeAFailedSync) {
  {
    Storage storage = open();
    storage.hashPut("a", "key", 1);
    const auto sync = [&] { return failureOf([&] { storage.sync(); }); };
    whereFails(SYS_fdatasync, EIO, [&] { EXPECT_EQ(sync(), Code::Io); });
    EXPECT_EQ(sync(), Code::Io);
    EXPECT_EQ(sync(), Code::Io);
    EXPECT_EQ(failureOf([&] { storage.hashPut("a", "key", 2); }), Code::ReadOnly);
    EXPECT_EQ(storage.hashGet("a", "key"), 1);
  }
  Storage storage = open();
  EXPECT_EQ(storage.hashGet("a", "key"), 1);
  storage.hashPut("a", "key", 3);
  storage.sync();
}

// Of two that have a store open, the one that opened its log after the failure would not be told.
TEST_F(BinaryRepair, AFailedSyncKeepsAllFromWritingUntilAllHaveClosed) {
  {
    Storage one = open();
    one.hashPut("a", "key", 1);
    Storage other = open();
    whereFails(SYS_fdatasync, EIO, [&] { EXPECT_EQ(failureOf([&] { one.sync(); }), Code::Io); });
    EXPECT_EQ(failureOf([&] { other.hashPut("a", "key", 2); }), Code::ReadOnly);
    EXPECT_EQ(failureOf([&] { other.sync(); }), Code::Io);
    EXPECT_EQ(failureOf([&] { open().hashPut("a", "key", 2); }), Code::ReadOnly);
  }
  open().hashPut("a", "key", 3);
  EXPECT_EQ(open().hashGet("a", "key"), 3);
}

TEST_F(BinaryRepair, AStoreOpenedToReadOnlyIsNotChanged) {
  make();
  const auto before = visibleFiles(data);
  const CommonSettings readOnly{.readOnly = true};
  {
    const auto backend = makeBackend("binary", config["binary"], readOnly);
    const std::string_view key = "a-marker";
    EXPECT_EQ(backend->get("a", {&key, 1}).front()->text, "\"a\"");
    EXPECT_EQ(backend->paths("", "").entries.size(), 3u);
    Report report;
    backend->check(report);
    EXPECT_TRUE(report.clean());
    EXPECT_THROW(backend->apply(Batch{}.add(Create{"d", "{}"})), Error);
  }
  EXPECT_EQ(visibleFiles(data), before);
}

// Copied while it was open, without what only running processes need.
TEST_F(BinaryRepair, ACopyWithoutLocksIsReadAndNotChanged) {
  const std::filesystem::path copy = dir.path() / "copy";
  Storage storage = open();
  make();
  storage.sync();
  std::filesystem::create_directory(copy);
  std::filesystem::permissions(copy, std::filesystem::perms::owner_all);
  for (const auto& entry : std::filesystem::directory_iterator(data))
    if (entry.is_regular_file() && entry.path().filename() != "lock")
      std::filesystem::copy(entry.path(), copy);
  storage.hashPut("a", "later", 1);
  const auto before = visibleFiles(copy);
  config["binary"]["base_dir"] = copy.string();
  config["read_only"] = true;
  {
    Storage reading = open();
    EXPECT_EQ(reading.hashGet("b", "b-marker"), "b");
    EXPECT_FALSE(reading.hashHas("a", "later"));
    EXPECT_TRUE(reading.verify().clean());
    EXPECT_EQ(failureOf([&] { reading.hashPut("a", "key", 1); }), Code::ReadOnly);
  }
  EXPECT_EQ(visibleFiles(copy), before);
}

TEST_F(BinaryRepair, AnotherBackendsDirectoryIsRefused) {
  Storage::open({{"backend", "filesystem"}, {"filesystem", {{"base_dir", data.string()}}}});
  EXPECT_THROW(open(), Error);
}

}  // namespace
}  // namespace hexpage::testing
