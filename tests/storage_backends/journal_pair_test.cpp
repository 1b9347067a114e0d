// The two files of a process's journal, which take turns.
#include "filesystem/journal_pair.hpp"

#include <gtest/gtest.h>

#include <hexpage/error.hpp>
#include <hexpage/testing/contract/temp_dir.hpp>

#include "tests/support/failing_calls.hpp"
#include "tests/support/files.hpp"

namespace hexpage {
namespace {

using Strings = std::vector<std::string>;

class Turns : public ::testing::Test {
 protected:
  Turns() { std::filesystem::create_directories(folder()); }

  std::unique_ptr<JournalPair> open() {
    auto pair = std::make_unique<JournalPair>(directory_.get(), 3, 4711);
    found_.clear();
    pair->scan([this](const JournalPair::Frame& frame) {
      if (frame.kind == Journal::Kind::Batch) found_.emplace_back(frame.body);
    });
    return pair;
  }

  Strings batches() {
    open();
    return found_;
  }

  static void append(JournalPair& pair, const Strings& batches) {
    for (const std::string& batch : batches) pair.append(Journal::Kind::Batch, batch);
  }

  std::string folder() const { return dir_.string() + "/.hexpage/journals"; }
  std::map<std::string, std::string> image() const { return testing::visibleFiles(folder()); }
  void put(const std::map<std::string, std::string>& image) const {
    for (const auto& [name, content] : image) testing::writeFile(folder() + "/" + name, content);
  }

  // The file that has the text, with zeros from there on: what of a tail a power cut may leave.
  void loseFrom(const std::string& text) const {
    for (auto [name, content] : image())
      if (const std::size_t at = content.find(text); at != std::string::npos)
        testing::writeFile(folder() + "/" + name,
                           content.substr(0, at) + std::string(content.size() - at, '\0'));
  }

  testing::TempDir dir_;
  Fd directory_{::open(dir_.string().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  Strings found_;
};

TEST_F(Turns, FollowEachOther) {
  const auto pair = open();
  append(*pair, {"a", "b"});
  const std::uint64_t first = pair->end().turn;
  pair->beginTurn();
  append(*pair, {"c"});
  pair->appendToLastTurn(Journal::Kind::Batch, std::vector<std::string_view>{"late"});
  EXPECT_GT(pair->end().turn, first);
  EXPECT_EQ(batches(), (Strings{"a", "b", "late", "c"}));
  append(*open(), {"d"});
  EXPECT_EQ(batches(), (Strings{"a", "b", "late", "c", "d"}));
}

TEST_F(Turns, GoInTheOtherFileEachTime) {
  const auto pair = open();
  Strings expected;
  for (int i = 0; i < 5; ++i) {
    append(*pair, {std::to_string(i)});
    pair->beginTurn();
    EXPECT_EQ(batches().back(), std::to_string(i));
    EXPECT_TRUE(pair->keepsLastTurn());
    pair->giveUpLastTurn();
    EXPECT_EQ(batches(), Strings());
  }
}

TEST_F(Turns, AreDroppedBehindAGap) {
  // A power failure had left the new turn's frames and not the last of the old one's: recovery
  // applied batches that followed ones that were lost.
  const auto pair = open();
  append(*pair, {"first", "second"});
  pair->beginTurn();
  append(*pair, {"third"});
  loseFrom("second");
  EXPECT_EQ(batches(), Strings{"first"});
  append(*open(), {"second again"});
  EXPECT_EQ(batches(), (Strings{"first", "second again"}));
}

TEST_F(Turns, StayWhenTheOneBeforeIsGivenUp) {
  const auto pair = open();
  append(*pair, {"a"});
  pair->beginTurn();
  append(*pair, {"b"});
  pair->giveUpLastTurn();
  EXPECT_EQ(batches(), Strings{"b"});
}

TEST_F(Turns, AreNeverBegunTwice) {
  // What other journals say of a turn must not hold for one that begins after a power failure has
  // undone it.
  const auto pair = open();
  append(*pair, {"a"});
  const auto before = image();
  pair->beginTurn();
  const std::uint64_t undone = pair->end().turn;
  put(before);
  const auto again = open();
  again->beginTurn();
  EXPECT_NE(again->end().turn, undone);
}

TEST_F(Turns, AreDroppedWhenAllOfTheOneBeforeIsLost) {
  const auto pair = open();
  append(*pair, {"first"});
  pair->beginTurn();
  append(*pair, {"second"});
  for (auto [name, content] : image())
    if (content.find("first") != std::string::npos)
      testing::writeFile(folder() + "/" + name, content.substr(0, kFramesOffset));
  EXPECT_EQ(batches(), Strings());
  append(*open(), {"third"});
  EXPECT_EQ(batches(), Strings{"third"});
}

TEST_F(Turns, ASyncTakesTheOneBeforeAlong) {
  const auto pair = open();
  append(*pair, {"a"});
  pair->beginTurn();
  const LogPosition position = pair->append(Journal::Kind::Batch, "b");
  testing::whereFails(SYS_fdatasync, EIO, [&] { EXPECT_THROW(pair->sync(position), Error); });
  // It was the older file's sync that failed: the new one takes appends.
  pair->append(Journal::Kind::Batch, "c");
}

}  // namespace
}  // namespace hexpage
