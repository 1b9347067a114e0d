// Following a binary store: what compaction does to who follows, and what is missed.
#include <hexpage/kv.hpp>

#include "tests/support/files.hpp"
#include "tests/support/stores.hpp"
#include "tests/support/told.hpp"

namespace hexpage::testing {
namespace {

class FollowingBinary : public ::testing::Test {
 protected:
  // The log has several files then.
  void fill(const std::string& value) {
    for (int i = 0; i < 1'000; ++i)
      store_->hashPut("h", std::to_string(i), value + std::string(200, ' '));
  }
  Follower follow() { return store_->follow("").value(); }
  // The engine's store, as another process has it.
  kv::Database engine() const { return kv::Database::open(store_.dir().string()); }

  StoreKind kind_{
      "binary", "binary", {{"segment_bytes", 65536}, {"compact_in_background", false}}, true};
  TestStore store_{kind_};
};

TEST_F(FollowingBinary, ACompactionTellsNothing) {
  fill("a");
  fill("b");
  Follower follower = follow();
  store_->hashDelete("h", "7");
  EXPECT_GT(store_->compact(), 200'000u);
  store_->hashPut("h", "after", 1);
  EXPECT_EQ(told(follower), (Lines{"delete h 7", "put h after 1"}));
  store_->compact();
  EXPECT_EQ(told(follower), Lines());
}

TEST_F(FollowingBinary, WhoComesTooLateIsToldSo) {
  fill("a");
  Follower follower = follow();
  for (const std::string value : {"b", "c"}) {
    fill(value);
    EXPECT_GT(store_->compact(), 200'000u);
  }
  EXPECT_EQ(told(follower).back(), "missed");
  store_->hashPut("h", "after", 1);
  store_->hashRename("h", "i");
  store_->hashDelete("i", "after");
  EXPECT_EQ(told(follower), (Lines{"put h after 1", "rename i from h", "delete i after"}));
}

// The engine's own users write what is no batch.
TEST_F(FollowingBinary, WhatIsNoHashsIsNotTold) {
  store_->hashPut("h", "k", 1);
  Follower follower = follow();
  kv::Database engine = this->engine();
  kv::Transaction change = engine.begin();
  change.set("key", "value", change.newTree());
  change.commit();
  store_->hashPut("h", "k", 2);
  EXPECT_EQ(told(follower), (Lines{"put h k 2"}));
}

// It gives back items that nothing led to.
TEST_F(FollowingBinary, ARepairOfTheCatalogueIsMissed) {
  store_->hashPut("h", "k", 1);
  {
    kv::Database engine = this->engine();
    kv::Transaction change = engine.begin();
    change.set("k", std::string(1, '\0') + "1", change.newTree());
    change.commit();
  }
  Follower follower = follow();
  store_->repair();
  ASSERT_EQ(store_->hashes("lost/").size(), 1u);
  EXPECT_EQ(told(follower), (Lines{"missed"}));
  store_->hashPut(store_->hashes("lost/").front().path, "k", 2);
  EXPECT_EQ(told(follower).size(), 1u);
}

// It makes a new log of what can be read.
TEST_F(FollowingBinary, ARepairOfTheLogIsMissed) {
  store_->hashPut("h", "k", "a marker");
  store_->hashPut("i", "k", 1);
  Follower follower = follow();
  std::string log = readFile(store_.dir() / "log.000001");
  log[log.find("a marker")] ^= 1;
  writeFile(store_.dir() / "log.000001", log);
  store_->repair();
  EXPECT_TRUE(std::filesystem::exists(store_.dir() / "quarantine"));
  EXPECT_EQ(told(follower), (Lines{"missed"}));
  store_->hashPut("i", "k", 2);
  EXPECT_EQ(told(follower), (Lines{"put i k 2"}));
}

TEST_F(FollowingBinary, ThousandsOfHashesMoveAndGo) {
  for (int i = 0; i < 2'000; ++i) store_->hashPut("h" + std::to_string(i), "k", i);
  Follower follower = follow();
  Lines expected;
  for (int i = 0; i < 2'000; i += 2) {
    const std::string from = "h" + std::to_string(i), to = "h" + std::to_string(i + 1);
    store_->hashRename(from, to);
    store_->hashPut(to, "n", i);
    expected.push_back("rename " + to + " from " + from);
    expected.push_back("put " + to + " n " + std::to_string(i));
  }
  EXPECT_EQ(told(follower), expected);
}

// Who only reads has no place among those that are woken.
TEST_F(FollowingBinary, AStoreThatIsOnlyReadCanNotBeFollowed) {
  Json config = kind_.config(store_.dir().string());
  config["read_only"] = true;
  EXPECT_FALSE(Storage::open(config).follow(""));
}

}  // namespace
}  // namespace hexpage::testing
