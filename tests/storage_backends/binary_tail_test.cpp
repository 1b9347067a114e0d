// What the binary engine tells of what is committed after a moment.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <hexpage/kv.hpp>
#include <hexpage/testing/contract/temp_dir.hpp>

namespace hexpage::kv {
namespace {

using Lines = std::vector<std::string>;

struct BinaryTail : ::testing::Test {
  BinaryTail() {
    options.segmentBytes = 64 << 10;
    options.compactInBackground = false;
  }
  Database open() { return Database::open(dir.string(), options); }

  // "|" ends a transaction, "lost" is the last line.
  static Lines told(Tail& tail) {
    Lines lines;
    const auto add = [&](const Committed& change) {
      static const char* const kKinds[] = {"set", "erase", "drop", "new"};
      lines.push_back(std::string(kKinds[static_cast<int>(change.kind)]) + " " +
                      std::to_string(change.tree) + " " + std::string(change.key) + " " +
                      std::string(change.value));
    };
    Tail::Found found = Tail::Found::Nothing;
    if (!tail.look()) return {};
    while ((found = tail.next(add)) == Tail::Found::Transaction) lines.push_back("|");
    if (found == Tail::Found::Lost) lines.push_back("lost");
    return lines;
  }

  testing::TempDir dir;
  Options options;
};

TEST_F(BinaryTail, TellsTransactionsOfOthers) {
  Database store = open();
  store.set("before", "1");
  Tail tail = store.snapshot().tail();
  EXPECT_EQ(told(tail), Lines());
  Database other = open();
  other.set("a", "1");
  Transaction change = other.begin();
  const TreeId tree = change.newTree();
  change.set("b", "2", tree);
  change.erase("before", 0, "a note");
  change.commit();
  store.erase("a");
  other.begin().dropTree(tree);  // rolled back
  EXPECT_EQ(told(tail), (Lines{"set 0 a 1", "|", "new 1  ", "set 1 b 2", "erase 0 before a note",
                               "|", "erase 0 a ", "|"}));
  EXPECT_EQ(told(tail), Lines());
}

// Its frames are in several files of the log.
TEST_F(BinaryTail, TellsALargeTransactionWhole) {
  Database store = open();
  Tail tail = store.snapshot().tail();
  const std::string value(40'000, 'v');
  Transaction change = store.begin();
  for (int i = 0; i < 50; ++i) change.set(std::to_string(i), value);
  EXPECT_FALSE(tail.look());
  change.commit();
  Lines expected;
  for (int i = 0; i < 50; ++i) expected.push_back("set 0 " + std::to_string(i) + " " + value);
  expected.push_back("|");
  EXPECT_EQ(told(tail), expected);
}

TEST_F(BinaryTail, GoesOnBehindWhatWasCompactedAway) {
  Database store = open();
  for (int i = 0; i < 2'000; ++i) store.set(std::to_string(i % 500), std::string(200, 'a'));
  Tail tail = store.snapshot().tail();
  store.set("a", "1");
  store.compact();
  store.set("b", "2");
  EXPECT_EQ(told(tail), (Lines{"set 0 a 1", "|", "set 0 b 2", "|"}));
}

TEST_F(BinaryTail, IsLostWhenMoreThanOneFileIsGone) {
  Database store = open();
  Tail tail = store.snapshot().tail();
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 2'000; ++i) store.set(std::to_string(i % 500), std::string(200, 'a'));
    store.compact();
  }
  EXPECT_THAT(told(tail), ::testing::Contains("lost"));
  EXPECT_EQ(told(tail), (Lines{"lost"}));
}

}  // namespace
}  // namespace hexpage::kv
