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
