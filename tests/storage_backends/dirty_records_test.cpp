// What is dirty: the newest content wins, and how much there is to be placed is told right.
#include "filesystem/dirty_records.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace hexpage {
namespace {

RecordWrite made(const std::string& path) {
  return {path, RecordWrite::Kind::Text, "made", false, {}, VersionPtr()};
}
RecordWrite changed(const std::string& path) {
  return {path,      RecordWrite::Kind::Text,
          "changed", false,
          {},        std::make_shared<const Version>(Stamp{})};
}

struct DirtyRecordsTest : ::testing::Test {
  void put(const RecordWrite& write) {
    std::vector<RecordWrite> writes{write};
    dirty.reserve(writes);
    dirty.put(writes, {std::make_shared<Version>()});
  }
  std::vector<Stamp> stampsOfCut() const { return std::vector<Stamp>(dirty.lastCut().size()); }

  DirtyRecords dirty;
};

TEST_F(DirtyRecordsTest, TellsHowManyFilesAreToBeMade) {
  put(changed("a"));
  put(made("b"));
  EXPECT_EQ(dirty.count(), 2u);
  EXPECT_EQ(dirty.newFiles(), 1u);
}

TEST_F(DirtyRecordsTest, ARecordIsPlacedOnceHoweverOftenItWasWritten) {
  put(made("a"));
  put(changed("b"));
  put(changed("a"));  // still a file that has to be made
  put(changed("b"));
  EXPECT_EQ(dirty.count(), 2u);
  EXPECT_EQ(dirty.newFiles(), 1u);
}

TEST_F(DirtyRecordsTest, GivesWhatOfTheCutNeedsNotBePlaced) {
  for (const char* path : {"a", "b", "c"}) put(made(path));
  RecordWrite removal{"d", RecordWrite::Kind::Removal, {}};
  put(removal);
  dirty.cut();
  put(changed("b"));
  put(changed("d"));  // whose file is removed before
  const std::vector<RecordWrite> superseded = dirty.takeSuperseded();
  ASSERT_EQ(superseded.size(), 1u);
  EXPECT_EQ(superseded[0].path, "b");
  EXPECT_EQ(superseded[0].content.view(), "made");
  EXPECT_EQ(dirty.newFilesOfCut(), 2u);
  std::vector<std::string> left;
  for (const RecordWrite& write : dirty.lastCut()) left.push_back(write.path);
  EXPECT_EQ(left, (std::vector<std::string>{"a", "c", "d"}));
  EXPECT_EQ(dirty.find("c").write, &dirty.lastCut()[1]);
  EXPECT_EQ(dirty.find("b").write->content.view(), "changed");
  dirty.dropCut(stampsOfCut());
  EXPECT_EQ(dirty.count(), 2u);
  EXPECT_EQ(dirty.find("a").write, nullptr);
}

TEST_F(DirtyRecordsTest, WhatIsCutOffIsToldUntilItIsPlaced) {
  put(made("a"));
  dirty.cut();
  EXPECT_EQ(dirty.count() + dirty.newFiles(), 0u);
  EXPECT_EQ(dirty.countOfCut(), 1u);
  EXPECT_EQ(dirty.newFilesOfCut(), 1u);
  put(changed("b"));
  dirty.dropCut(stampsOfCut());
  EXPECT_EQ(dirty.countOfCut() + dirty.newFilesOfCut(), 0u);
  EXPECT_EQ(dirty.count(), 1u);
  EXPECT_EQ(dirty.newFiles(), 0u);
}

TEST_F(DirtyRecordsTest, ACutThatIsTakenBackIsToBePlacedWithWhatCameSince) {
  put(made("a"));
  put(changed("b"));
  dirty.cut();
  put(changed("a"));
  dirty.takeBack();
  EXPECT_EQ(dirty.count(), 2u);
  EXPECT_EQ(dirty.newFiles(), 1u);
  EXPECT_EQ(dirty.countOfCut() + dirty.newFilesOfCut(), 0u);
  EXPECT_EQ(dirty.find("a").write->content.view(), "changed");
  EXPECT_TRUE(dirty.find("a").write->isOfNew());
}

}  // namespace
}  // namespace hexpage
