// Names that would lead out of the store, and what is planted in the place of files.
#include "support/beneath.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <hexpage/error.hpp>

#include "filesystem/folder.hpp"
#include "filesystem/posix.hpp"
#include "support/own_file.hpp"
#include "support/write_all.hpp"
#include "tests/support/files.hpp"
#include "tests/support/stores.hpp"
#include "tests/support/umask.hpp"

namespace hexpage {
namespace {

namespace fs = std::filesystem;
using testing::readFile;
using testing::TempDir;
using testing::Umask;
using testing::writeFile;

// `outside` is what nobody may reach from `inside`: by `inside/link` (to a folder),
// `inside/deep/way` (another) and `inside/link.json` (to a file).
class Beneath : public ::testing::Test {
 protected:
  Beneath() {
    writeFile(dir_.path() / "outside/secret.json", "secret");
    writeFile(dir_.path() / "inside/deep/a.json", "a");
    fs::create_directory_symlink("../outside", dir_.path() / "inside/link");
    fs::create_directory_symlink("../../outside", dir_.path() / "inside/deep/way");
    fs::create_symlink("../outside/secret.json", dir_.path() / "inside/link.json");
    root_ = Fd(::open((dir_.path() / "inside").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  }

  Fd open(const std::string& file, int flags, mode_t mode = 0) const {
    return openBeneath(root_.get(), file, flags, mode);
  }
  bool outsideIsUntouched() const {
    return testing::visibleFiles(dir_.path() / "outside") ==
           std::map<std::string, std::string>{{"secret.json", "secret"}};
  }

  TempDir dir_;
  Fd root_;
};

using Open = Fd (*)(int, const std::string&, int, mode_t);

TEST_F(Beneath, NothingIsOpenedThroughALink) {
  for (const Open call : {&openBeneath, &openBeneathByParts}) {
    for (const char* const name :
         {"link.json", "link/secret.json", "deep/way/secret.json", "link/new.json"}) {
      EXPECT_FALSE(call(root_.get(), name, O_RDWR | O_CREAT, 0600)) << name;
      EXPECT_EQ(errno, ELOOP) << name;
    }
    EXPECT_FALSE(call(root_.get(), "link", O_PATH | O_DIRECTORY, 0));
    EXPECT_EQ(errno, ELOOP);
    EXPECT_TRUE(call(root_.get(), "deep/a.json", O_RDONLY, 0));
    EXPECT_TRUE(call(root_.get(), "deep", O_PATH | O_DIRECTORY, 0));
    EXPECT_FALSE(call(root_.get(), "deep/none/b.json", O_RDONLY, 0));
    EXPECT_EQ(errno, ENOENT);
    EXPECT_FALSE(call(root_.get(), "deep/a.json/b.json", O_RDONLY, 0));
    EXPECT_EQ(errno, ENOTDIR);
  }
  EXPECT_TRUE(outsideIsUntouched());
}

TEST_F(Beneath, NothingIsChangedThroughALink) {
  const int root = root_.get();
  struct stat status;
  EXPECT_EQ(renameBeneath(root, "deep/a.json", "link/secret.json"), -1);
  EXPECT_EQ(errno, ELOOP);
  EXPECT_EQ(renameBeneath(root, "link/secret.json", "b.json"), -1);
  EXPECT_EQ(renameBeneath(root, "deep/a.json", "deep/way/secret.json", RENAME_EXCHANGE), -1);
  EXPECT_EQ(linkBeneath(root, "link/secret.json", "b.json"), -1);
  EXPECT_EQ(linkBeneath(root, "deep/a.json", "link/b.json"), -1);
  EXPECT_EQ(unlinkBeneath(root, "link/secret.json"), -1);
  EXPECT_EQ(makeFolderBeneath(root, "link/folder", 0700), -1);
  EXPECT_EQ(statBeneath(root, "link/secret.json", status), -1);
  EXPECT_THROW(makeParents(root, "link/x/y.json"), Error);
  EXPECT_THROW(replaceDurably(root, "link/secret.json", "mine"), Error);
  EXPECT_THROW(syncFolder(root, "link"), Error);
  EXPECT_TRUE(outsideIsUntouched());
  EXPECT_EQ(readFile(dir_.path() / "inside/deep/a.json"), "a");
}

TEST_F(Beneath, ALinkAtATemporaryNameIsNotWrittenThrough) {
  fs::create_symlink("../outside/secret.json", dir_.path() / "inside/b.json.new");
  replaceDurably(root_.get(), "b.json", "mine");
  EXPECT_EQ(readFile(dir_.path() / "inside/b.json"), "mine");
  EXPECT_TRUE(outsideIsUntouched());
}

TEST_F(Beneath, WhatIsNoFileIsCorruptAndKeepsNobodyWaiting) {
  const fs::path inside = dir_.path() / "inside";
  ASSERT_EQ(::mkfifo((inside / "fifo.json").c_str(), 0600), 0);
  fs::create_directory(inside / "folder.json");
  const Fd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string place = (inside / "socket.json").string();
  ASSERT_LT(place.size(), sizeof address.sun_path);
  place.copy(address.sun_path, place.size());
  ASSERT_EQ(::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  for (const char* const name : {"fifo.json", "folder.json", "socket.json", "link.json"}) {
    const auto error = testing::errorOf([&] { readRegular(root_.get(), name); });
    ASSERT_TRUE(error) << name;
    EXPECT_EQ(error->code(), Code::Corrupt) << name;
    EXPECT_EQ(std::string(error->what()).find(name), 0u) << error->what();
  }
}

// A folder in the place of a new file was told as an Io error, which is to be tried again.
TEST_F(Beneath, AFolderInThePlaceOfANewFileIsCorrupt) {
  fs::create_directory(dir_.path() / "inside/folder.json");
  const auto error =
      testing::errorOf([&] { makeAnew(root_.get(), "folder.json", 0600, "store/folder.json"); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code(), Code::Corrupt);
  EXPECT_STREQ(error->what(), "store/folder.json: not a regular file");
  EXPECT_TRUE(fs::is_directory(dir_.path() / "inside/folder.json"));
}

TEST_F(Beneath, WhatIsWrittenBehindTheRestLeavesItAlone) {
  const Fd fd = open("long.json", O_WRONLY | O_CREAT, 0600);
  writeAll(fd.get(), "first ", "long.json");
  writeAll(fd.get(), "second", "long.json", 6);
  EXPECT_EQ(readFile(dir_.path() / "inside/long.json"), "first second");
}

TEST_F(Beneath, ModesHoldWhateverTheUmask) {
  const auto modeOf = [&](const std::string& name) {
    struct stat status;
    return statBeneath(root_.get(), name, status) == 0 ? status.st_mode & 0777 : 0;
  };
  for (const mode_t mask : {0000, 0022, 0777}) {
    const Umask umask(mask);
    const std::string name = "m" + std::to_string(mask);
    replaceDurably(root_.get(), name + ".json", "x");
    makeParents(root_.get(), name + "/x/y");
    EXPECT_EQ(modeOf(name + ".json"), 0600u) << name;
    EXPECT_EQ(modeOf(name), 0700u) << name;
    EXPECT_EQ(modeOf(name + "/x"), 0700u) << name;
    replaceDurably(root_.get(), name + "/g.json", "x", {0640, 0750});
    EXPECT_EQ(modeOf(name + "/g.json"), 0640u) << name;
  }
}

TEST_F(Beneath, BeyondTheLimitOfFileSizesIsNoSpaceAndNoSignal) {
  const Fd fd = open("big.json", O_WRONLY | O_CREAT, 0600);
  struct rlimit before;
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const struct rlimit small { 1000, before.rlim_max };
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const auto error =
      testing::errorOf([&] { writeAll(fd.get(), std::string(1001, 'x'), "big.json"); });
  const auto behind = testing::errorOf([&] { writeAll(fd.get(), "xx", "big.json", 999); });
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code(), Code::NoSpace);
  EXPECT_STREQ(error->what(), "write big.json: File too large");
  ASSERT_TRUE(behind);
  EXPECT_EQ(behind->code(), Code::NoSpace);
  EXPECT_EQ(readFile(dir_.path() / "inside/big.json"), "");
}

}  // namespace
}  // namespace hexpage
