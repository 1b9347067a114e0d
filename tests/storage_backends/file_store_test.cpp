// How files change: each in whole, and not under a reader's hands.
#include "filesystem/file_store.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdio.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <hexpage/error.hpp>

#include "tests/support/failing_calls.hpp"
#include "tests/support/files.hpp"
#include "tests/support/stores.hpp"

namespace hexpage {
namespace {

using testing::TempDir;
using testing::visibleTree;

RecordWrite text(const std::string& path, const std::string& content) {
  return {path, RecordWrite::Kind::Text, content, true};
}
RecordWrite move(const std::string& path, const std::string& from) {
  return {path, RecordWrite::Kind::Move, from, true};
}
RecordWrite removal(const std::string& path) {
  return {path, RecordWrite::Kind::Removal, "", true};
}

class Files : public ::testing::Test {
 protected:
  std::unique_ptr<FileStore> open(std::optional<bool> checksums = std::nullopt) {
    return std::make_unique<FileStore>(
        directory_.get(),
        FileStoreOptions{dir_.path().string(), {}, ".hexpage/spares/0", 7, checksums});
  }
  void place(std::vector<RecordWrite> writes) { store_->place(writes); }
  std::string read(const std::string& path) {
    const auto stored = store_->read(path);
    return stored ? stored->text : "nothing";
  }
  std::string file(const std::string& name) const { return (dir_.path() / name).string(); }
  std::vector<std::string> tree() const { return visibleTree(dir_.path()); }
  std::size_t spares() const {
    std::size_t count = 0;
    for (const std::string& name : store_->files()) count += name.starts_with(".hexpage/spares/");
    return count;
  }

  TempDir dir_;
  Fd directory_{::open(dir_.path().c_str(), O_RDONLY | O_DIRECTORY)};
  std::unique_ptr<FileStore> store_ = open();
};

TEST_F(Files, ChangeMoveAndGo) {
  place({text("a", "1"), text("b/c", "2"), text("d", "3")});
  place({text("a", "11"), move("e/f", "b/c"), removal("d"), removal("never")});
  EXPECT_EQ(tree(), (std::vector<std::string>{"a.json", "e/", "e/f.json"}));
  EXPECT_EQ(read("a") + read("e/f") + read("d"), "112nothing");
}

TEST_F(Files, AMoveReplacesWhatIsThere) {
  place({text("a", "1"), text("b", "2")});
  place({move("b", "a")});
  EXPECT_EQ(tree(), std::vector<std::string>{"b.json"});
  EXPECT_EQ(read("b"), "1");
}

TEST_F(Files, WhatFailedIsPlacedAgainWhole) {
  place({text("a", "1"), text("b", "2"), text("c", "3")});
  testing::writeFile(file("blocked"), "no folder");
  const std::vector<RecordWrite> writes{text("a", "longer than before"), move("new/b", "b"),
                                        removal("c"), text("blocked/d", "4")};
  EXPECT_THROW(place(writes), Error);
  std::filesystem::remove(file("blocked"));
  place(writes);
  place(writes);
  EXPECT_EQ(tree(), (std::vector<std::string>{"a.json", "blocked/", "blocked/d.json", "new/",
                                              "new/b.json"}));
  EXPECT_EQ(read("a") + read("new/b") + read("blocked/d"), "longer than before24");
}

// What a stopped flush had placed was kept aside as another program's where no memory was left to
// read it.
TEST_F(Files, WhatCanNotBeLookedAtForWantOfMemoryIsLeftThere) {
  RecordWrite write = text("a", "1");
  write.replaces = VersionPtr();  // there was none
  place({write});
  for (const int error : {ENOMEM, EMFILE})
    testing::whereFails(error == ENOMEM ? SYS_pread64 : SYS_openat2, error,
                        [&] { EXPECT_THROW(place({write}), Error); });
  place({write});
  EXPECT_EQ(read("a"), "1");
  for (const std::string& name : store_->files()) EXPECT_FALSE(name.starts_with(".hexpage/conf"));
}

TEST_F(Files, AReaderKeepsTheTextThatItOpened) {
  place({text("a", "first")});
  const Fd reader(::open(file("a.json").c_str(), O_RDONLY));
  for (const char* next : {"other", "third", "4....", "5...."}) place({text("a", next)});
  char buffer[16];
  const ssize_t n = ::pread(reader.get(), buffer, sizeof buffer, 0);
  EXPECT_EQ(std::string(buffer, static_cast<std::size_t>(n)), "first");
}

TEST_F(Files, AHardLinkKeepsItsText) {
  place({text("a", "first")});
  ASSERT_EQ(::link(file("a.json").c_str(), file("backup").c_str()), 0);
  for (const char* next : {"other", "third", "4....", "5...."}) place({text("a", next)});
  EXPECT_EQ(testing::readFile(file("backup")), "first");
}

TEST_F(Files, SparesAreUsedAgain) {
  for (int i = 0; i < 100; ++i) place({text("a", std::to_string(i)), text("b", "x")});
  EXPECT_LE(spares(), 2u);
  store_.reset();
  EXPECT_TRUE(std::filesystem::is_empty(file(".hexpage/spares/0")));
}

TEST_F(Files, AShorterTextLeavesNothingOfALongerOne) {
  const std::string lengthy(10'000, 'x');
  place({text("a", lengthy), text("b", lengthy)});
  place({text("a", "1"), text("b", "2")});
  place({text("a", "3"), text("b", "4")});
  EXPECT_EQ(read("a") + read("b"), "34");
}

TEST_F(Files, WhatIsNoFileIsCorruptAndDoesNotBlock) {
  ASSERT_EQ(::mkfifo(file("fifo.json").c_str(), 0600), 0);
  ASSERT_EQ(::symlink("/etc/hostname", file("link.json").c_str()), 0);
  std::filesystem::create_directory(file("folder.json"));
  for (const char* path : {"fifo", "link", "folder"})
    EXPECT_EQ(testing::failureOf([&] { store_->read(path); }), Code::Corrupt) << path;
}

// --- seals ---

class SealedFiles : public Files {
 protected:
  void SetUp() override {
    if (!canSeal(directory_.get(), ".")) GTEST_SKIP() << file("") << " has no attributes";
  }

  SealState state(const std::string& path) { return store_->readChecked(path)->seal.value(); }
  void editInPlace(const std::string& name, const std::string& text) {
    testing::writeFile(file(name), text);
  }
};

// What a stopped flush had placed was kept aside as another program's where the disk did not read
// it.
TEST_F(SealedFiles, WhatTheDiskCanNotReadIsKnownByItsSeal) {
  const auto areKept = [&] {
    const std::vector<std::string> files = store_->files();
    return std::ranges::count_if(
        files, [](const std::string& name) { return name.starts_with(".hexpage/conf"); });
  };
  RecordWrite write = text("a", "1");
  write.replaces = VersionPtr();  // there was none
  place({write});
  testing::whereFails(SYS_pread64, EIO, [&] { place({write}); });
  EXPECT_EQ(read("a"), "1");
  EXPECT_EQ(areKept(), 0);
  std::filesystem::remove(file("a.json"));
  testing::writeFile(file("a.json"), "2");
  testing::whereFails(SYS_pread64, EIO, [&] { place({write}); });
  EXPECT_EQ(read("a"), "1");
  EXPECT_EQ(areKept(), 1);
}

TEST_F(SealedFiles, EveryTextThatIsPlacedMatches) {
  for (const char* next : {"1", "22", "333"}) {
    place({text("a", next), text("b/c", next)});
    EXPECT_EQ(state("a"), SealState::Ok);
    EXPECT_EQ(state("b/c"), SealState::Ok);
  }
}

TEST_F(SealedFiles, AChangedTextIsCorruptAndStillReadForWhoAsks) {
  place({text("a", "1"), text("b", "2")});
  editInPlace("a.json", "9");
  EXPECT_EQ(testing::failureOf([&] { store_->read("a"); }), Code::Corrupt);
  EXPECT_NE(testing::messageOf([&] { store_->read("a"); }).find("--accept a.json"),
            std::string::npos);
  EXPECT_EQ(store_->readChecked("a")->text, "9");
  EXPECT_EQ(read("b"), "2");
}

TEST_F(SealedFiles, SwappedAndMisplacedFilesAreCorrupt) {
  place({text("a", "1"), text("b", "2"), text("c", "3")});
  ASSERT_EQ(::renameat2(AT_FDCWD, file("a.json").c_str(), AT_FDCWD, file("b.json").c_str(),
                        RENAME_EXCHANGE),
            0);
  std::filesystem::rename(file("c.json"), file("d.json"));
  for (const char* path : {"a", "b", "d"}) EXPECT_EQ(state(path), SealState::Damaged) << path;
}

TEST_F(SealedFiles, AFileThatAnotherProgramPutsThereIsUnknown) {
  place({text("a", "1")});
  editInPlace("new", "9");
  std::filesystem::rename(file("new"), file("a.json"));
  EXPECT_EQ(read("a"), "9");
  EXPECT_EQ(state("a"), SealState::Unknown);
}

TEST_F(SealedFiles, AnIndexHasItsChildren) {
  place({{"h/data", RecordWrite::Kind::Text, "{}", false, 0x8421}, text("h", "{}")});
  EXPECT_EQ(store_->read("h/data")->children, 0x8421);
  EXPECT_EQ(store_->read("h")->children, std::nullopt);
  place({{"i/data", RecordWrite::Kind::Move, "h/data", false}});
  EXPECT_EQ(store_->read("i/data")->children, 0x8421);
}

TEST_F(SealedFiles, AMoveIsSealedHoweverOftenItIsDone) {
  place({text("a", "1"), text("bad", "2")});
  editInPlace("bad.json", "9");
  const std::vector<RecordWrite> writes{move("b", "a"), move("worse", "bad")};
  place(writes);
  place(writes);
  EXPECT_EQ(state("b"), SealState::Ok);
  EXPECT_EQ(state("worse"), SealState::Damaged);
}

TEST_F(SealedFiles, AMoveThatLostItsSealInACrashGetsIt) {
  place({text("a", "1")});
  std::filesystem::rename(file("a.json"), file("b.json"));  // the name is on disk, the seal is not
  place({move("b", "a")});
  EXPECT_EQ(state("b"), SealState::Ok);
}

// A snapshot, or a backup by hard links, shares the file and with it the seal.
TEST_F(SealedFiles, AMoveLeavesAnotherLinkSealedForItsOwnPath) {
  place({text("a", "1")});
  ASSERT_EQ(::link(file("a.json").c_str(), file("link").c_str()), 0);
  place({move("b", "a")});
  EXPECT_EQ(state("b"), SealState::Ok);
  std::filesystem::rename(file("link"), file("a.json"));
  EXPECT_EQ(state("a"), SealState::Ok);
}

TEST_F(SealedFiles, WithoutChecksumsNoOldSealIsLeftOnANewText) {
  place({text("a", "1"), text("b", "2")});
  editInPlace("b.json", "9");
  store_ = open(false);
  EXPECT_EQ(read("b"), "9");
  EXPECT_EQ(store_->readChecked("b")->seal, std::nullopt);
  place({text("a", "4")});
  place({text("a", "5")});  // into the spare that was a.json with its seal
  store_ = open();
  EXPECT_EQ(state("a"), SealState::Unknown);
  EXPECT_EQ(state("b"), SealState::Damaged);
}

TEST_F(SealedFiles, WhatIsThereCanBeSealed) {
  place({text("a", "1")});
  editInPlace("a.json", "9");
  store_->seal("a", 0x0003);
  EXPECT_EQ(state("a"), SealState::Ok);
  EXPECT_EQ(store_->read("a")->children, 0x0003);
}

}  // namespace
}  // namespace hexpage
