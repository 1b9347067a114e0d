// The binary engine where the system fails: nobody sees a part of a transaction, and who was told
// of a failure finds the store as the error says, then and when it is opened anew.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <hexpage/error.hpp>
#include <hexpage/kv.hpp>
#include <hexpage/testing/contract/temp_dir.hpp>

#include "tests/support/failing_calls.hpp"
#include "tests/support/stores.hpp"

namespace hexpage::kv {
namespace {

using testing::failureOf;
using ::testing::Optional;
using testing::whereFails;

struct BinaryFailures : ::testing::Test {
  BinaryFailures() {
    options.syncInterval = Millis(100'000);  // nothing happens by itself
    Database store = open();
    for (int i = 0; i < 2000; ++i) store.set(std::to_string(i), "old");
    store.set("in a tree", "old", 7);
  }
  Database open() { return Database::open(dir.string(), options); }

  // What both values were when they were read at one moment.
  static std::string both(Database& store) {
    std::string values;
    store.look([&](const View& view) {
      values = view.get("7").value_or("-") + " " + view.get("in a tree", 7).value_or("-");
    });
    return values;
  }
  static void setBoth(Database& store) {
    Transaction change = store.begin();
    change.set("7", "new");
    change.set("in a tree", "new", 7);
    change.commit();
  }

  testing::TempDir dir;
  Options options;
};

// Went wrong: a reader saw the old values, until the store was opened anew and had the new ones.
TEST_F(BinaryFailures, CommitThatCanNotReadTheIndexIsThereAllTheSame) {
  Database store = open();
  whereFails(SYS_pread64, EIO, [&] {
    EXPECT_EQ(failureOf([&] { setBoth(store); }), Code::Io);
    EXPECT_EQ(failureOf([&] { both(store); }), Code::Io);
  });
  EXPECT_EQ(both(store), "new new");
  store.set("more", "1");
  EXPECT_EQ(store.count(), 2001u);
  store.close();
  Database again = open();
  EXPECT_EQ(both(again), "new new");
  EXPECT_EQ(again.count(), 2001u);
}

TEST_F(BinaryFailures, LargeTransactionThatCanNotBeWrittenIsNotThere) {
  {
    Database store = open();
    whereFails(SYS_pwrite64, ENOSPC, [&] {
      const auto write = [&] {
        Transaction change = store.begin();
        for (int i = 0; i < 5'000; ++i)
          change.set("large" + std::to_string(i), std::string(999, 'x'));
        change.commit();
      };
      EXPECT_EQ(failureOf(write), Code::NoSpace);
    });
    EXPECT_EQ(store.count(), 2000u);
    store.set("more", "1");
  }
  Database again = open();
  EXPECT_EQ(again.count(), 2001u);
  EXPECT_FALSE(again.contains("large0"));
}

TEST_F(BinaryFailures, OthersGoOnFromACommitThatCouldNotReadTheIndex) {
  Database store = open();
  Database other = open();
  whereFails(SYS_pread64, ENOMEM, [&] { EXPECT_THROW(setBoth(store), Error); });
  EXPECT_EQ(both(other), "new new");
  other.set("7", "newest");
  EXPECT_EQ(both(store), "newest new");
}

// Went wrong: whose turn came could not follow, and wrote over what it did not know the next time.
TEST_F(BinaryFailures, WhoCouldNotFollowWritesOverNothing) {
  Database store = open();
  store.set("first", "1");
  Database other = open();
  setBoth(other);
  whereFails(SYS_pread64, EIO,
             [&] { EXPECT_EQ(failureOf([&] { store.set("more", "1"); }), Code::Io); });
  store.set("more", "1");
  EXPECT_EQ(both(store), "new new");
  EXPECT_EQ(both(other), "new new");
  EXPECT_THAT(other.get("more"), Optional(std::string("1")));
}

// Went wrong: what could not be taken back was there with the next commit.
TEST_F(BinaryFailures, WhatCouldNotBeTakenBackIsNotThere) {
  Database store = open();
  whereFails(SYS_ftruncate, EIO, [&] {
    Transaction change = store.begin();
    for (int i = 0; i < 10; ++i)
      change.set("dropped" + std::to_string(i), std::string(200'000, 'x'));
    EXPECT_EQ(failureOf([&] { change.rollback(); }), Code::Io);
    EXPECT_EQ(failureOf([&] { store.set("more", "1"); }), Code::Io);
  });
  store.set("more", "2");
  Database again = open();
  for (const Database* const each : {&store, &again}) {
    EXPECT_FALSE(each->contains("dropped0"));
    EXPECT_THAT(each->get("more"), Optional(std::string("2")));
    EXPECT_EQ(each->count(), 2001u);
  }
}

}  // namespace
}  // namespace hexpage::kv
