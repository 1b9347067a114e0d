// What is found in the journals of processes that were killed.
#include "filesystem/left_changes.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <hexpage/testing/contract/temp_dir.hpp>

#include "filesystem/batch_frame.hpp"
#include "filesystem/flush_frame.hpp"
#include "support/fd.hpp"

namespace hexpage {
namespace {

using Slots = std::set<std::uint32_t>;

constexpr std::uint32_t kStructure = 1000;

class Left : public ::testing::Test {
 protected:
  Left() { std::filesystem::create_directories(dir_.string() + "/.hexpage/journals"); }

  std::unique_ptr<JournalPair> open(std::uint32_t place,
                                    JournalAccess access = JournalAccess::Write) const {
    return std::make_unique<JournalPair>(directory_.get(), place, 4711, std::nullopt, access);
  }

  // One that can be appended to.
  std::unique_ptr<JournalPair> journal(std::uint32_t place = 0) const {
    auto pair = open(place);
    pair->scan([](const JournalPair::Frame&) {});
    return pair;
  }

  static LogPosition append(JournalPair& pair, const Batch& batch,
                            const std::vector<bool>& idle = {}) {
    return pair.append(Journal::Kind::Batch, batchTime(1) + encode(batch, idle));
  }
  static LogPosition put(JournalPair& pair, const std::string& path) {
    return append(pair, Batch().add(Put{path, "k", "1", 0}));
  }
  static std::string frameOf(const FlushHead& head) {
    const FlushParts parts(head, {});
    std::string frame;
    for (const std::string_view part : parts.parts()) frame += part;
    return frame;
  }
  static void flush(JournalPair& pair, const FlushHead& head) {
    pair.append(Journal::Kind::Flush, frameOf(head));
  }
  static void noteAsPlaced(JournalPair& pair, std::uint64_t stamp) {
    pair.append(Journal::Kind::Placed, encodePlaced(stamp));
  }

  // A hash's slot is the number that it is named, of a hidden one behind the dot.
  static LeftChanges::Slots slots() {
    const auto ofHash = [](std::string_view path) {
      return static_cast<std::uint32_t>(std::stoul(std::string(path.substr(path.find('.') + 1))));
    };
    return {ofHash, kStructure};
  }
  LeftByAll all() const {
    return {directory_.get(),
            [this](std::uint32_t place) { return open(place, JournalAccess::Read); }, slots()};
  }
  LeftChanges one(std::uint32_t place = 0) const {
    return readLeftChanges(*open(place, JournalAccess::Read), slots());
  }

  testing::TempDir dir_;
  Fd directory_{::open(dir_.string().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
};

TEST_F(Left, IsNothingWhereThereIsNoJournal) {
  EXPECT_TRUE(all().isInOrder());
  EXPECT_TRUE(all().isApart());
  EXPECT_EQ(all().placeInOrder(), 0u);
  journal(1);
  EXPECT_TRUE(all().isInOrder());
  EXPECT_EQ(all().placeInOrder(), 1u);
  put(*journal(1), "3");
  EXPECT_EQ(all().placeInOrder(), 0u);
  EXPECT_EQ(all().left(), (std::set<std::uint32_t>{1}));
}

TEST_F(Left, HasTheSlotsOfItsBatches) {
  const auto pair = journal();
  put(*pair, "3");
  append(*pair, Batch().add(Remove{"5", "k"}).add(Clear{"7"}));
  EXPECT_EQ(one().slots, (Slots{3, 5, 7}));
  EXPECT_FALSE(all().isInOrder(0));
}

TEST_F(Left, HasTheStructureOnlyWhereHashesOrRecordsWereChanged) {
  const auto pair = journal();
  append(*pair, Batch().add(Create{"3", "{}"}).add(Put{"3", "k", "1", 0}), {true, false});
  EXPECT_EQ(one().slots, (Slots{3}));
  append(*pair, Batch().add(Create{"4", "{}"}).add(Put{"4", "k", "1", 0}), {false, false});
  EXPECT_EQ(one().slots, (Slots{3, 4, kStructure}));
  append(*pair, Batch().add(Rename{"3", "9"}));
  EXPECT_EQ(one().slots, (Slots{3, 4, 9, kStructure}));
}

// It may have been written all the same, and its process holds the leases.
TEST_F(Left, HasTheSlotsOfWhatHasChangedNothing) {
  const auto pair = journal();
  append(*pair, Batch().add(Clear{"3"}).add(Drop{"4"}), {true, true});
  EXPECT_EQ(one().slots, (Slots{3, 4}));
}

TEST_F(Left, IsNotWhatAFlushHasPlaced) {
  const auto pair = journal();
  put(*pair, "3");
  const LogPosition upTo = put(*pair, "4");
  put(*pair, "4");
  put(*pair, "5");
  flush(*pair, {.stamp = 17, .coversUpTo = upTo.offset});
  EXPECT_EQ(one().slots, (Slots{3, 4, 5}));
  EXPECT_EQ(one().stampInFlight, 17u);
  EXPECT_TRUE(one().isOfItsBatches);
  noteAsPlaced(*pair, 17);
  EXPECT_EQ(one().slots, (Slots{4, 5}));
  EXPECT_EQ(one().stampInFlight, 0u);
  EXPECT_EQ(one().highestStamp, 17u);
  EXPECT_EQ(all().highestStamp(), 17u);
}

TEST_F(Left, IsFollowedOverTheEndOfATurn) {
  const auto pair = journal();
  const LogPosition upTo = put(*pair, "3");
  pair->beginTurn();
  put(*pair, "4");
  const std::string frame = frameOf({.stamp = 17, .coversUpTo = upTo.offset});
  pair->appendToLastTurn(Journal::Kind::Flush, std::vector<std::string_view>{frame});
  EXPECT_EQ(one().slots, (Slots{3, 4}));
  noteAsPlaced(*pair, 17);
  EXPECT_EQ(one().slots, (Slots{4}));
  EXPECT_EQ(one().turns.size(), 2u);
}

TEST_F(Left, IsNothingOnceAnotherHasTakenItOver) {
  const auto pair = journal();
  put(*pair, "3");
  flush(*pair, {.stamp = 17});
  pair->append(Journal::Kind::Covers, encodeCovers({}));
  EXPECT_TRUE(one().isInOrder());
  EXPECT_EQ(one().highestStamp, 17u);
}

TEST_F(Left, IsApartUnlessTwoHaveTheSame) {
  const auto a = journal(0), b = journal(1);
  put(*a, "3");
  put(*b, "4");
  EXPECT_TRUE(all().isApart());
  put(*b, "3");
  EXPECT_FALSE(all().isApart());
}

TEST_F(Left, IsNotApartWhileAHashWasBeingBuilt) {
  const auto pair = journal();
  put(*pair, ".1");
  EXPECT_FALSE(all().isApart());
}

TEST_F(Left, IsNotApartWhileAFlushDoesMoreThanItsBatches) {
  const auto pair = journal();
  flush(*pair, {.stamp = 17, .told = "something"});
  EXPECT_FALSE(all().isApart());
  noteAsPlaced(*pair, 17);
  EXPECT_TRUE(all().isApart());
}

TEST_F(Left, IsNotApartUntilWhatWasTakenOverIsSaidToBe) {
  const auto dead = journal(0), taker = journal(1);
  const LogPosition end = put(*dead, "3");
  const Covered covered{0, end.turn, end.offset};
  flush(*taker, {.stamp = 17, .covered = {covered}});
  EXPECT_FALSE(all().isApart());
  noteAsPlaced(*taker, 17);
  EXPECT_FALSE(all().isApart());
  dead->append(Journal::Kind::Covers, encodeCovers({&covered, 1}));
  EXPECT_TRUE(all().isApart());
  EXPECT_TRUE(all().isInOrder());
}

TEST_F(Left, TellsWhichJournalsAreLongAndDone) {
  const auto a = journal(0), b = journal(1);
  put(*a, "3");
  const std::uint64_t bytes = one().bytes;
  EXPECT_TRUE(all().doneAbove(0, 5).contains(1));
  EXPECT_FALSE(all().doneAbove(0, 5).contains(0));
  a->append(Journal::Kind::Covers, encodeCovers({}));
  EXPECT_EQ(all().doneAbove(bytes, 5), (std::set<std::uint32_t>{0}));
  EXPECT_TRUE(all().doneAbove(bytes, 0).empty());
}

}  // namespace
}  // namespace hexpage
