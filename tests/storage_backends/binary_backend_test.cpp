// What the backend `binary` does beyond the contract of all backends.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <hexpage/backend.hpp>
#include <hexpage/error.hpp>
#include <hexpage/kv.hpp>
#include <hexpage/testing/contract/temp_dir.hpp>

#include "binary/log_changes.hpp"
#include "tests/support/failing_calls.hpp"
#include "tests/support/files.hpp"

namespace hexpage {
namespace {

struct BinaryBackendTest : ::testing::Test {
  std::unique_ptr<Backend> open(const CommonSettings& common = {}) const {
    return makeBackend("binary", section, common);
  }
  kv::Database openEngine() const { return kv::Database::open(data); }
  static std::string refusal(const std::function<void()>& call, Code code = Code::InvalidArgument) {
    try {
      call();
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), code);
      return error.what();
    }
    return "not refused";
  }
  static Batch manyPuts(const std::string& path, int items, Expires expires = 0) {
    Batch batch;
    batch.add(Create{path, "{}"});
    for (int i = 0; i < items; ++i)
      batch.add(Put{path, "key " + std::to_string(i), "{\"n\":1}", expires});
    return batch;
  }
  static std::uint64_t figure(Backend& backend, const std::string& name) {
    for (const Figure& figure : backend.figures())
      if (figure.name == name) return figure.value;
    ADD_FAILURE() << "no figure " << name;
    return 0;
  }

  testing::TempDir dir;
  const std::string data = (dir.path() / "data").string();
  const Json section = {{"base_dir", data}};
};

TEST_F(BinaryBackendTest, AWriteThatCannotWaitNamesItsHash) {
  const auto backend = open({.lockTimeout = Millis(20)});
  backend->apply(manyPuts("users", 1));
  kv::Database engine = openEngine();
  const kv::Transaction holding = engine.begin();
  const auto putOne = [](const ItemBefore&, const Json&) { return ItemAfter{"2", 0}; };
  EXPECT_THAT(refusal([&] { backend->apply(manyPuts("users", 1)); }, Code::LockTimeout),
              ::testing::StartsWith("users: lock timeout"));
  EXPECT_THAT(refusal([&] { backend->edit("users", "key 0", putOne, [] {}); }, Code::LockTimeout),
              ::testing::StartsWith("users: lock timeout"));
}

// Hashes that were used before

std::optional<std::string> textOf(Backend& backend, std::string_view path, std::string_view key) {
  const auto value = backend.getOne(path, key);
  return value ? std::optional(value->text) : std::nullopt;
}

TEST_F(BinaryBackendTest, SeesWhenAnotherProcessHasPutAHashInThePlaceOfOneItUsed) {
  const auto here = open(), other = open();
  std::string options;
  const auto put = [&](const ItemBefore&, const Json& stored) {
    options = stored.dump();
    return ItemAfter{"2", 0};
  };
  here->apply(Batch{}.add(Create{"users", R"({"n":1})"}).add(Put{"users", "ann", "1"}));
  EXPECT_EQ(textOf(*here, "users", "ann"), "1");
  EXPECT_TRUE(here->edit("users", "bob", put, [] {}));
  EXPECT_EQ(options, R"({"n":1})");

  other->apply(Batch{}.add(Drop{"users"}));
  EXPECT_EQ(textOf(*here, "users", "ann"), std::nullopt);
  EXPECT_FALSE(here->edit("users", "bob", put, [] {}));
  other->apply(Batch{}.add(PutRecord{"users", "{}"}));
  EXPECT_FALSE(here->edit("users", "bob", put, [] {}));
  EXPECT_EQ(here->options("users"), nullptr);
  other->apply(Batch{}.add(EraseRecord{"users"}));

  other->apply(Batch{}.add(Create{"mails", R"({"n":2})"}).add(Put{"mails", "ann", "3"}));
  other->apply(Batch{}.add(Rename{"mails", "users"}));
  EXPECT_EQ(textOf(*here, "users", "ann"), "3");
  EXPECT_TRUE(here->edit("users", "bob", put, [] {}));
  EXPECT_EQ(options, R"({"n":2})");
  EXPECT_EQ(textOf(*other, "users", "bob"), "2");
}

TEST_F(BinaryBackendTest, KnowsAHashAlsoAfterItsEntryWasMoved) {
  const auto backend = open();
  backend->apply(manyPuts("users", 1));
  for (int round = 0; round < 3; ++round) {
    backend->apply(manyPuts("mails", 500));
    backend->compact([](std::uint64_t, std::uint64_t) {});
    EXPECT_NE(textOf(*backend, "users", "key 0"), std::nullopt);
    EXPECT_NE(textOf(*backend, "mails", "key 499"), std::nullopt);
  }
}

TEST_F(BinaryBackendTest, TakesNoHashForThatOfAnotherStore) {
  const auto here = open();
  const auto elsewhere = makeBackend("binary", {{"base_dir", (dir.path() / "other").string()}});
  here->apply(Batch{}.add(Create{"users", "{}"}).add(Put{"users", "ann", "1"}));
  elsewhere->apply(Batch{}.add(Create{"users", "{}"}).add(Put{"users", "ann", "2"}));
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(textOf(*here, "users", "ann"), "1");
    EXPECT_EQ(textOf(*elsewhere, "users", "ann"), "2");
  }
}

// What a store says of itself

TEST_F(BinaryBackendTest, RefusesAStoreWithOtherPathsByTheSetting) {
  const CommonSettings asWritten{.lowerCaseKeys = false};
  open(asWritten)->apply(Batch{}.add(PutRecord{"A", "1"}));
  EXPECT_THAT(refusal([&] { open(); }),
              ::testing::HasSubstr("open it with \"lower_case_keys\": false"));
  EXPECT_EQ(open(asWritten)->record("A"), "1");
}

TEST_F(BinaryBackendTest, RefusesANewerFormatAndChangesNothing) {
  open();
  openEngine().set("/store", R"({"format":99,"lower_case_keys":true})");
  EXPECT_THAT(refusal([&] { open(); }), ::testing::HasSubstr("has format 99"));
  EXPECT_EQ(openEngine().get("/store"), R"({"format":99,"lower_case_keys":true})");
}

TEST_F(BinaryBackendTest, RefusesAStoreOfTheEngineAlone) {
  openEngine().set("users", "1");
  EXPECT_THAT(refusal([&] { open(); }), ::testing::HasSubstr("the backend binary did not make"));
}

TEST_F(BinaryBackendTest, EachBackendRefusesTheOthersDirectory) {
  open()->apply(manyPuts("users", 3));
  const auto openFiles = [&](const std::string& directory) {
    makeBackend("filesystem", {{"base_dir", directory}});
  };
  EXPECT_THAT(refusal([&] { openFiles(data); }), ::testing::HasSubstr("\"backend\": \"binary\""));
  EXPECT_EQ(open()->info("users")->length, 3u);
  const std::string files = (dir.path() / "files").string();
  openFiles(files);
  EXPECT_THAT(refusal([&] {
                makeBackend("binary", {{"base_dir", files}});
              }),
              ::testing::HasSubstr("\"backend\": \"filesystem\""));
}

// Expiry

TEST_F(BinaryBackendTest, WhatExpiresIsFoundWithoutALookAtTheRest) {
  const auto backend = open();
  backend->apply(manyPuts("users", 20'000, 5'000));
  backend->apply(Batch{}.add(Put{"users", "early", "1", 1'000}).add(Put{"users", "never", "2"}));
  const Chunk due = backend->expired("users", 1'000, "");
  ASSERT_EQ(due.items.size(), 1u);
  EXPECT_EQ(due.items.front(), (Item{"early", "1", 1'000}));
  EXPECT_EQ(due.next, "");
  std::size_t items = 0;
  for (std::string cursor; items == 0 || !cursor.empty();) {
    const Chunk chunk = backend->expired("users", 5'000, cursor);
    items += chunk.items.size();
    cursor = chunk.next;
  }
  EXPECT_EQ(items, 20'001u);
}

TEST_F(BinaryBackendTest, AHashWithoutItemsThatExpireHasOneTree) {
  const auto backend = open();
  backend->apply(manyPuts("users", 10));
  const std::uint64_t trees = figure(*backend, "index trees");
  backend->apply(manyPuts("others", 10));
  EXPECT_EQ(figure(*backend, "index trees"), trees + 1);
}

TEST_F(BinaryBackendTest, TimesThatAreLostAreFoundAndMadeAnew) {
  open()->apply(manyPuts("users", 100, 5'000));
  {
    kv::Database engine = openEngine();
    const kv::Snapshot now = engine.snapshot();
    for (const kv::TreeId tree : now.view().trees()) {
      bool areTimes = false;
      now.view().scan(tree, 0, 1, 1,
                      [&](const kv::Entry& entry) { areTimes = entry.value == "t"; });
      if (!areTimes) continue;
      kv::Transaction change = engine.begin();
      change.dropTree(tree);
      change.commit();
    }
  }
  const auto backend = open();
  Report found, mended, after;
  backend->check(found);
  EXPECT_FALSE(found.clean());
  backend->repair(mended, false);
  backend->check(after);
  EXPECT_TRUE(after.clean());
  EXPECT_EQ(backend->expired("users", 5'000, "").items.size(), 100u);
}

// Dropping

TEST_F(BinaryBackendTest, ALargeHashIsDroppedInOneStep) {
  const auto backend = open();
  backend->apply(manyPuts("users", 20'000));
  const std::uint64_t before = figure(*backend, "log, live");
  EXPECT_EQ(backend->apply(Batch{}.add(Drop{"users"})).removed, 20'000u);
  EXPECT_LE(figure(*backend, "log, live"), before / 100);
  backend->apply(manyPuts("users", 20'000));
  EXPECT_EQ(backend->apply(Batch{}.add(Clear{"users"})).removed, 20'000u);
  EXPECT_EQ(backend->info("users")->length, 0u);
  EXPECT_LE(figure(*backend, "log, live"), before / 100);
}

TEST_F(BinaryBackendTest, CountsWhatABatchDoesToItsOwnItems) {
  const auto backend = open();
  const Applied applied = backend->apply(Batch{}
                                             .add(Create{"h", "{}"})
                                             .add(Put{"h", "a", "1"})
                                             .add(Put{"h", "a", "2"})
                                             .add(Put{"h", "b", "3"})
                                             .add(Remove{"h", "b"})
                                             .add(Clear{"h"})
                                             .add(Put{"h", "a", "4"}));
  EXPECT_EQ(applied.added, 3u);
  EXPECT_EQ(applied.removed, 2u);
  EXPECT_EQ(backend->info("h")->length, 1u);
}

// Went wrong: what a copy that had no room had left was to be dropped, for which there was no room.
TEST_F(BinaryBackendTest, OpensWithoutRoomToTidyUp) {
  {
    const auto backend = open();
    backend->apply(manyPuts(".left", 10));
    backend->apply(manyPuts("users", 10));
  }
  const CommonSettings unmapped{.durability = "power"};
  testing::whereFails(SYS_pwrite64, ENOSPC,
                      [&] { EXPECT_EQ(open(unmapped)->info("users")->length, 10u); });
  const auto backend = open();
  EXPECT_FALSE(backend->info(".left"));
  EXPECT_EQ(backend->info("users")->length, 10u);
}

// Moments

TEST_F(BinaryBackendTest, WhatChangedIsKnownUntilTheLogOfThenIsCompacted) {
  std::string then;
  {
    const auto backend = open();
    backend->apply(manyPuts("users", 100));
    backend->apply(manyPuts("others", 100));
    then = backend->snapshot()->moment();
    backend->apply(Batch{}.add(Put{"others", "key 1", "2"}));
  }
  using Keys = std::vector<std::string>;
  const auto backend = open();
  backend->apply(Batch{}.add(Remove{"others", "key 2"}));
  EXPECT_EQ(backend->snapshot()->changedKeys("users", then), Keys());
  EXPECT_EQ(backend->snapshot()->changedKeys("others", then), (Keys{"key 1", "key 2"}));
  backend->apply(Batch{}.add(Drop{"others"}));
  backend->compact({});
  EXPECT_FALSE(backend->snapshot()->changedKeys("users", then));
}

// A copy that was put back has another past from there on.
TEST_F(BinaryBackendTest, AMomentOfAnotherPastIsNotTakenForItsOwn) {
  namespace fs = std::filesystem;
  open()->apply(manyPuts("users", 1'000));
  fs::copy(data, data + ".kept", fs::copy_options::recursive);
  open()->apply(Batch{}.add(Put{"users", "key 1", "2"}));
  std::string then;
  {
    const auto backend = open();
    backend->apply(Batch{}.add(Put{"users", "key 2", "2"}));
    then = backend->snapshot()->moment();
    EXPECT_TRUE(backend->snapshot()->changedKeys("users", then));
  }
  fs::remove_all(data);
  fs::rename(data + ".kept", data);
  const auto backend = open();
  for (int i = 0; i < 10; ++i) backend->apply(Batch{}.add(Put{"users", "key 3", "3"}));
  EXPECT_FALSE(backend->snapshot()->changedKeys("users", then));
}

// Keys would fill the memory.
TEST_F(BinaryBackendTest, TooManyChangesAreNotTold) {
  LogChanges changes;
  changes.add(1, "one");
  for (int i = 0; i < 300; ++i) changes.add(2, std::to_string(i) + std::string(60'000, 'k'));
  changes.add(3, "");
  EXPECT_EQ(changes.keysOf(1), std::vector<std::string>{"one"});
  EXPECT_FALSE(changes.keysOf(2));
  EXPECT_FALSE(changes.keysOf(3)) << "all of it";
  EXPECT_EQ(changes.keysOf(4), std::vector<std::string>());
}

}  // namespace
}  // namespace hexpage
