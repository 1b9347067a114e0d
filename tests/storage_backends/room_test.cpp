#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <hexpage/testing/contract/temp_dir.hpp>
#include <limits>

#include "filesystem/disk_room.hpp"
#include "filesystem/room.hpp"
#include "tests/support/files.hpp"
#include "tests/support/stores.hpp"

namespace hexpage {
namespace {

class RoomTest : public ::testing::Test {
 protected:
  std::filesystem::path ballast() const { return dir_.path() / ".hexpage/ballast"; }

  const testing::TempDir dir_;
  const Fd directory_{::open(dir_.string().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  Room room_{directory_.get(), dir_.string()};
};

TEST_F(RoomTest, GivesTheBallastThatItTook) {
  room_.takeBallast();
  EXPECT_TRUE(std::filesystem::exists(ballast()));
  EXPECT_TRUE(room_.giveBallast());
  EXPECT_FALSE(std::filesystem::exists(ballast()));
  EXPECT_FALSE(room_.giveBallast());
}

// A folder that could not be made for the ballast ended the process: the background took it.
TEST_F(RoomTest, TakesNoBallastWhereItCanNot) {
  testing::writeFile(dir_.path() / ".hexpage", "in the way");
  EXPECT_NO_THROW(room_.takeBallast());
  EXPECT_FALSE(room_.giveBallast());
}

// A disk without an inode left was said to have no space left.
TEST_F(RoomTest, SaysWhetherItIsBytesOrInodesThatLack) {
  constexpr std::uint64_t kTooMany = std::uint64_t{1} << 60;
  const auto whatLacks = [&](std::uint64_t files, std::uint64_t bytes) {
    return testing::messageOf([&] { room_.require(files, bytes, Room::For::Growth); });
  };
  EXPECT_THAT(whatLacks(1, kTooMany), ::testing::HasSubstr("No space left on device"));
  EXPECT_THAT(whatLacks(kTooMany, 1), ::testing::HasSubstr("No inodes left on device"));
  EXPECT_NO_THROW(room_.require(1, 1, Room::For::Growth));
}

// A filesystem that tells no number of blocks, as some in user space, was taken for full.
TEST(DiskRoom, HasNoEndWhereBlocksAreNotCounted) {
  const Fd proc(::open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  EXPECT_EQ(diskRoom(proc.get(), "/proc").bytes, std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(freeBytes(proc.get()), std::numeric_limits<std::uint64_t>::max());
}

}  // namespace
}  // namespace hexpage
