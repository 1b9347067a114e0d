// What a place can keep, and where none of a store is made.
#include "filesystem/examination.hpp"

#include <gtest/gtest.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include <filesystem>
#include <hexpage/testing/contract/temp_dir.hpp>

#include "binary/binary_examination.hpp"

namespace hexpage {
namespace {

namespace fs = std::filesystem;
using testing::TempDir;

Guarantee named(const std::string& name, const std::vector<Guarantee>& all) {
  for (const Guarantee& one : all)
    if (one.name == name) return one;
  ADD_FAILURE() << name << " was not looked at";
  return {};
}

TEST(Examination, FindsAllOnAnOrdinaryFilesystemAndLeavesNothing) {
  const fs::path dir = fs::current_path() / "examined";  // a TempDir may be in memory
  fs::create_directory(dir);
  struct statfs status;
  ASSERT_EQ(::statfs(dir.c_str(), &status), 0);
  const bool isOrdinary = status.f_type == EXT4_SUPER_MAGIC;
  for (const Guarantee& one : examineDirectory(dir.string(), {}))
    EXPECT_TRUE(one.holds || !isOrdinary) << one.name << ": " << one.words;
  EXPECT_TRUE(fs::remove(dir)) << "it is empty";
}

TEST(Examination, SaysThatMemoryIsLostWithThePower) {
  struct statfs status;
  if (::statfs("/dev/shm", &status) != 0 || status.f_type != TMPFS_MAGIC)
    GTEST_SKIP() << "no tmpfs at /dev/shm";
  const auto all = examineDirectory("/dev/shm/hexpage-is-not-there", {});
  EXPECT_FALSE(named("sync", all).holds);
  EXPECT_NE(named("sync", all).words.find("in memory"), std::string::npos);
  EXPECT_TRUE(named("exchange", all).holds);
  EXPECT_TRUE(named("permissions", all).holds) << "who may write to /dev/shm does not matter";
}

TEST(Examination, SaysWhetherOthersMayWriteToTheDirectory) {
  const TempDir dir;
  ASSERT_EQ(::chmod(dir.string().c_str(), 0777), 0);
  EXPECT_FALSE(named("permissions", examineDirectory(dir.string(), {})).holds);
  EXPECT_TRUE(named("permissions", examineDirectory(dir.string(), {.allowsShared = true})).holds);
}

TEST(Examination, OfABinaryStoreTriesItsLog) {
  const TempDir dir;
  const auto all = examineBinaryDirectory(dir.string(), {});
  for (const char* name : {"permissions", "local", "reserve", "mapping", "locks", "room"})
    EXPECT_TRUE(named(name, all).holds) << name << ": " << named(name, all).words;
  EXPECT_TRUE(fs::is_empty(dir.path()));
  ASSERT_EQ(::chmod(dir.string().c_str(), 0777), 0);
  EXPECT_FALSE(named("permissions", examineBinaryDirectory(dir.string(), {})).holds);
}

TEST(Examination, TakesTheNearestDirectoryThatIsThere) {
  const TempDir dir;
  EXPECT_TRUE(named("room", examineDirectory(dir.string() + "/a/b", {})).holds);
  EXPECT_TRUE(fs::is_empty(dir.path()));
}

TEST(StoreDirectory, KnowsNetworkFilesystems) {
  EXPECT_EQ(networkFilesystem(NFS_SUPER_MAGIC), "NFS");
  EXPECT_EQ(networkFilesystem(0xff534d42), "SMB");
  EXPECT_EQ(networkFilesystem(static_cast<unsigned long>(static_cast<int>(0xff534d42))), "SMB");
  EXPECT_EQ(networkFilesystem(V9FS_MAGIC), "9P");
  for (const unsigned long type : {EXT4_SUPER_MAGIC, TMPFS_MAGIC, XFS_SUPER_MAGIC})
    EXPECT_EQ(networkFilesystem(type), "");
}

TEST(StoreDirectory, TellsWhoElseMayWrite) {
  EXPECT_EQ(othersWhoMayWrite(040755, 0700), "");
  EXPECT_EQ(othersWhoMayWrite(040775, 0700), "its group");
  EXPECT_EQ(othersWhoMayWrite(040777, 0700), "everybody");
  EXPECT_EQ(othersWhoMayWrite(040777, 0770), "everybody");
  EXPECT_EQ(othersWhoMayWrite(040775, 0770), "");
}

}  // namespace
}  // namespace hexpage
