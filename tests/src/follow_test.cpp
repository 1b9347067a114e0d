// Storage::follow over every store that can be followed: what is told of changes by this process
// and by others, in which order, and what is missed.
#include <map>

#include "tests/support/fixed_clock.hpp"
#include "tests/support/process.hpp"
#include "tests/support/stores.hpp"
#include "tests/support/told.hpp"

namespace hexpage::testing {
namespace {

using namespace std::chrono_literals;

// The values that one key got, in the order in which they are told; until the last one is, or half
// a minute is over.
std::vector<int> valuesUpTo(Follower& follower, int last) {
  std::vector<int> values;
  const auto end = std::chrono::steady_clock::now() + 30s;
  const auto add = [&](const ChangeEvent& event) {
    if (event.kind == ChangeKind::Put)
      values.push_back(std::stoi(event.text.substr(event.text[0] == '"')));
    if (event.kind == ChangeKind::Missed) ADD_FAILURE() << "missed behind " << values.size();
  };
  while ((values.empty() || values.back() < last) && std::chrono::steady_clock::now() < end)
    follower.next(add, 100ms);
  return values;
}

std::vector<int> upTo(int last) {
  std::vector<int> numbers;
  for (int i = 1; i <= last; ++i) numbers.push_back(i);
  return numbers;
}

}  // namespace

class Following : public ::testing::TestWithParam<StoreKind> {
 protected:
  Storage& storage() { return *store_; }
  // As another process has it.
  Storage other() { return Storage::open(config(), clock_); }
  Json config() { return GetParam().config(store_.dir().string()); }
  Follower follow(std::string_view prefix = "") { return storage().follow(prefix).value(); }

  FixedClock clock_;
  TestStore store_{GetParam(), Json::object(), clock_};
};

INSTANTIATE_TEST_SUITE_P(Stores, Following,
                         ::testing::Values(rawFiles(), bufferedFiles(), md5Files(),
                                           StoreKind{"binary", "binary", Json::object(), true,
                                                     1000}),
                         storeName);

TEST_P(Following, EachChangeOfAnotherIsToldInItsOrder) {
  Follower follower = follow();
  Storage writer = other();
  writer.hashPut("h", "a", 1);
  writer.hashPut("h", "a", 2);
  writer.hashDelete("h", "a");
  writer.hashPutMulti("h", {{"b", "x"}, {"c", true}});
  writer.hashIncrement("h", "n");
  writer.hashRename("h", "i");
  writer.hashCopy("i", "copy");
  writer.hashDeleteAll("i");
  writer.hashDeleteAll("i", true);
  writer.put("record", {{"a", 1}});
  writer.erase("record");
  EXPECT_EQ(told(follower),
            (Lines{"create h", "put h a 1", "put h a 2", "delete h a", "put h b \"x\"",
                   "put h c true", "put h n 1", "rename i from h", "replace copy", "clear i",
                   "drop i", "put_record record {\"a\":1}", "erase_record record"}));
  EXPECT_EQ(told(follower), Lines());
}

TEST_P(Following, TheProcessItselfIsToldToo) {
  Follower follower = follow();
  storage().hashPut("h", "a", 1);
  EXPECT_EQ(told(follower), (Lines{"create h", "put h a 1"}));
}

TEST_P(Following, WhatWasBeforeIsNotTold) {
  storage().hashPut("h", "a", 1);
  {
    Storage before = other();
    before.hashPut("h", "b", 2);
  }
  Follower follower = follow();
  EXPECT_EQ(told(follower), Lines());
  Storage after = other();
  after.hashPut("h", "c", 3);
  EXPECT_EQ(told(follower), (Lines{"put h c 3"}));
}

TEST_P(Following, WhatChangesNothingIsNotTold) {
  storage().hashPut("h", "a", 1);
  storage().hashCreate("empty");
  Follower follower = follow();
  storage().hashCreate("h");
  storage().hashDeleteMulti("h", {"b", "c"});
  storage().erase("record");
  storage().hashDeleteAll("empty");
  storage().hashRename("h", "h");
  storage().transaction({"h", "none"}, [](Transaction& tx) {
    tx.hashDeleteMulti("h", {"a", "b"});
    tx.hashPut("h", "c", 2);
  });
  storage().hashPut("h", "end", 1);
  EXPECT_EQ(told(follower), (Lines{"delete h a", "put h c 2", "put h end 1"}));
}

TEST_P(Following, OnlyWhatBeginsWithThePrefix) {
  Follower follower = follow("Users/");
  storage().hashPut("users", "a", 1);
  storage().hashPut("users/x", "b", 2);
  storage().hashRename("users", "users/y");
  storage().hashRename("users/y", "others");
  EXPECT_EQ(told(follower), (Lines{"create users/x", "put users/x b 2", "rename users/y from users",
                                   "rename others from users/y"}));
}

TEST_P(Following, ATransactionIsToldInOnePiece) {
  storage().hashPut("a", "k", 1);
  storage().hashPut("b", "k", 1);
  Follower follower = follow();
  Transaction tx = storage().begin({"a", "b", "new"});
  tx.hashPut("a", "k", 2);
  storage().hashPut("other", "k", 0);
  tx.hashDelete("b", "k");
  tx.hashRename("a", "new");
  tx.hashPut("a", "again", 3);
  EXPECT_EQ(told(follower), (Lines{"create other", "put other k 0"}));
  tx.commit();
  EXPECT_EQ(told(follower),
            (Lines{"put a k 2", "delete b k", "rename new from a", "create a", "put a again 3"}));
}

TEST_P(Following, TwoThatChangePlaces) {
  storage().hashPut("a", "k", 1);
  storage().hashPut("b", "k", 2);
  Follower follower = follow();
  storage().transaction({"a", "b", "c"}, [](Transaction& tx) {
    tx.hashRename("a", "c");
    tx.hashRename("b", "a");
    tx.hashRename("c", "b");
  });
  EXPECT_EQ(told(follower), (Lines{"rename c from a", "rename a from b", "rename b from c"}));
}

// The files of a large hash are moved, which no batch in the journal tells.
TEST_P(Following, TheRenameOfALargeHash) {
  const Json onePage = {{"page_size", 1}};
  storage().hashCreate("large", onePage);
  for (int i = 0; i < 300; ++i) storage().hashPut("large", std::to_string(i), i);
  storage().hashPut("there", "k", 1);
  Follower follower = follow();
  Storage writer = other();
  writer.hashRename("large", "moved");
  writer.transaction({"moved", "there", "third"}, [](Transaction& tx) {
    tx.hashRename("moved", "there");
    tx.hashPut("third", "k", 1);
  });
  writer.hashCopy("there", "copy");
  EXPECT_EQ(told(follower), (Lines{"rename moved from large", "rename there from moved",
                                   "create third", "put third k 1", "replace copy"}));
}

TEST_P(Following, WhatExpires) {
  storage().hashPut("h", "a", 1, {.ttl = 10s});
  storage().hashPut("h", "b", 1, {.ttl = 10s});
  Follower follower = follow();
  storage().hashDelete("h", "b");
  clock_.advance(11s);
  storage().hashSweep("h");
  EXPECT_EQ(told(follower), (Lines{"delete h b", "expire h a"}));
}

TEST_P(Following, AHandlerThatThrowsGoesOnWithTheNextBatch) {
  Follower follower = follow();
  storage().hashPut("h", "a", 1);
  storage().hashPut("h", "b", 2);
  const auto fails = [](const ChangeEvent&) { throw std::runtime_error("no"); };
  EXPECT_THROW(while (follower.next(fails, 20s)){}, std::runtime_error);
  EXPECT_EQ(told(follower), (Lines{"put h b 2"}));
}

TEST_P(Following, WhoWaitsIsWokenByAnotherProcess) {
  Follower follower = follow();
  Process writer([&](const Line& line) {
    Storage storage = other();
    line.hear();
    storage.hashPut("h", "a", 1);
  });
  writer.say("go");
  EXPECT_EQ(valuesUpTo(follower, 1), upTo(1));
  writer.expectSuccess();
}

TEST_P(Following, TwoProcessesThatCountTogetherAreToldInOrder) {
  constexpr int kEach = 3000;
  Follower follower = follow();
  const auto count = [&](const Line& line) {
    Storage storage = other();
    line.hear();
    for (int i = 0; i < kEach; ++i) storage.hashIncrement("h", "n");
  };
  Process one(count), two(count);
  one.say("go");
  two.say("go");
  EXPECT_EQ(valuesUpTo(follower, 2 * kEach), upTo(2 * kEach));
  one.expectSuccess();
  two.expectSuccess();
}

// Whoever takes over what a killed process has left applies it again, which is not told again.
TEST_P(Following, AWritingProcessThatIsKilled) {
  Follower follower = follow();
  std::vector<int> seen;
  for (int round = 0; round < 5; ++round) {
    Process killed([&](const Line& line) {
      Storage storage = other();
      for (int i = 0;; ++i) {
        storage.hashIncrement("h", "n");
        if (i == 50) line.say("at it");
      }
    });
    killed.hear();
    killed.kill(SIGKILL);
    killed.waitForEnd();
    Storage next = other();
    const int last = next.hashIncrement("h", "n").get<int>();
    for (const int value : valuesUpTo(follower, last)) seen.push_back(value);
    EXPECT_EQ(seen, upTo(last));
  }
}

// It failed where the one who follows was so slow that 32 MiB were between the two: the writer
// waits for it now, and does not write all of a page with each item.
TEST_P(Following, ManyMegabytesFromAProcessThatEnds) {
  constexpr int kParts = 6;
  constexpr int kPutsOfPart = 250;  // 16 MiB
  Follower follower = follow();
  Process writer([&](const Line& line) {
    Json buffered = config();
    buffered["sync_interval"] = 1000;
    Storage storage = Storage::open(buffered, clock_);
    const std::string filling(64 << 10, ' ');
    for (int i = 1; i <= kParts * kPutsOfPart; ++i) {
      storage.hashPut("h", "k" + std::to_string(i % 10), std::to_string(i) + filling);
      if (i % kPutsOfPart == 0) line.hear();
    }
  });
  std::vector<int> values;
  for (int part = 1; part <= kParts; ++part) {
    for (const int value : valuesUpTo(follower, part * kPutsOfPart)) values.push_back(value);
    writer.say("go on");
  }
  writer.expectSuccess();
  EXPECT_EQ(values, upTo(kParts * kPutsOfPart));
  EXPECT_EQ(told(follower), Lines());
}

TEST_P(Following, WhatAClosedProcessLeftIsThere) {
  Follower follower = follow();
  Process writer([&](const Line&) {
    Storage storage = other();
    const std::string filling(64 << 10, ' ');
    for (int i = 1; i <= 100; ++i) storage.hashPut("h", "k", std::to_string(i) + filling);
  });
  writer.expectSuccess();
  EXPECT_EQ(valuesUpTo(follower, 100), upTo(100));
}

// What a repair writes is no batch: it makes the header anew here.
TEST(FollowingFiles, ARepairIsMissed) {
  TestStore store(rawFiles());
  store->hashPut("h", "k", 1);
  store.close();
  std::filesystem::remove(store.dir() / "h.json");
  store.open();
  Follower follower = store->follow("").value();
  store->repair();
  const Lines lines = told(follower);
  ASSERT_FALSE(lines.empty());
  for (const std::string& line : lines) EXPECT_EQ(line, "missed");
  store->hashPut("h", "k", 2);
  EXPECT_EQ(told(follower), (Lines{"put h k 2"}));
}

TEST(FollowingMemory, IsNotToBeHad) {
  Storage storage = Storage::open({{"backend", "memory"}});
  EXPECT_FALSE(storage.follow(""));
}

}  // namespace hexpage::testing
