// Checksums beside the files: what still is JSON and yet is not what was written.
#include <sys/xattr.h>

#include "tests/support/files.hpp"
#include "tests/support/random.hpp"
#include "tests/support/stores.hpp"

namespace hexpage::testing {
namespace {

namespace fs = std::filesystem;

bool hasNote(const Report& report, const std::string& words) {
  for (const Finding& finding : report.findings)
    if (finding.reason.find(words) != std::string::npos) return true;
  return false;
}

// A hash "h" of 60 items over an index, and another, "sound".
class Checksums : public ::testing::Test {
 protected:
  explicit Checksums(const StoreKind& kind = rawFiles()) : store_(kind) {}

  void SetUp() override {
    if (::getxattr(store_.dir().c_str(), "user.hexpage", nullptr, 0) < 0 && errno == ENOTSUP)
      GTEST_SKIP() << store_.dir() << " has no attributes";
    for (const char* path : {"h", "sound"}) fill(path);
  }

  void TearDown() override {
    if (IsSkipped()) return;
    EXPECT_EQ(store_->hashGetAll("sound").size(), 60u);
    store_->hashPut("sound", "key1", "changed");
  }

  void fill(const std::string& path) {
    Json items = Json::object();
    for (int n = 0; n < 60; ++n) items["key" + std::to_string(n)] = "text" + std::to_string(n);
    store_->hashPutMulti(path, items, {.create = {{"page_size", 10}}});
  }

  fs::path fileOf(const std::string& name) const { return store_.dir() / name; }
  std::string textOf(const std::string& name) const { return readFile(fileOf(name)); }

  // While nobody has the store open.
  void meanwhile(const std::function<void()>& work) {
    store_.close();
    work();
    store_.open();
  }
  // As an editor does that writes into the same file.
  void edit(const std::string& name, const std::string& from, const std::string& to) {
    meanwhile([&] {
      std::string text = textOf(name);
      const std::size_t at = text.find(from);
      ASSERT_NE(at, std::string::npos) << text;
      writeFile(fileOf(name), text.replace(at, from.size(), to));
    });
  }

  template <class Call>
  void expectCorrupt(const std::string& file, Call call) {
    EXPECT_EQ(failureOf(call), Code::Corrupt);
    EXPECT_EQ(messageOf(call).find(file), 0u) << messageOf(call);
  }
  std::size_t errorsOf(const std::string& file) {
    std::size_t count = 0;
    for (const Finding& finding : store_->verify().findings)
      if (finding.severity == Severity::Error && finding.file == file) ++count;
    return count;
  }

  static constexpr const char* kPage = "h/data/0.json";   // has key9
  static constexpr const char* kOther = "h/data/c.json";  // has key1
  TestStore store_;
};

TEST_F(Checksums, ALetterChangedInsideAStringIsCorruptAndStays) {
  edit(kPage, "text9", "tixt9");
  const std::string text = textOf(kPage);
  expectCorrupt(kPage, [&] { store_->hashGet("h", "key9"); });
  expectCorrupt(kPage, [&] { store_->hashPut("h", "key9", 1); });
  expectCorrupt(kPage, [&] { store_->hashDelete("h", "key9"); });
  expectCorrupt(kPage, [&] { store_->hashGetAll("h"); });
  EXPECT_EQ(store_->hashGet("h", "key1"), "text1");
  EXPECT_EQ(errorsOf(kPage), 1u);
  const Report repaired = store_->repair();
  EXPECT_EQ(repaired.findings.size(), 1u);
  EXPECT_EQ(repaired.findings[0].action, "") << "what is right is not for repair to say";
  EXPECT_EQ(textOf(kPage), text);
}

TEST_F(Checksums, AHeaderAnIndexAndARecordAreSealedToo) {
  store_->put("record", {{"name", "Ann"}});
  edit("record.json", "Ann", "Ant");
  edit("h/data.json", "{", " {");
  edit("sound.json", "\"length\":60", "\"length\":61");
  expectCorrupt("record.json", [&] { store_->get("record"); });
  expectCorrupt("h/data.json", [&] { store_->hashGet("h", "key1"); });
  expectCorrupt("sound.json", [&] { store_->hashGetInfo("sound"); });
  EXPECT_EQ(store_->hashes().size(), 2u);
  store_->accept({"sound.json"});
  store_->repair();
  EXPECT_EQ(store_->hashGetInfo("sound").length, 60u);
}

TEST_F(Checksums, SwappedAndMisplacedPagesAreCorrupt) {
  meanwhile([&] {
    fs::rename(fileOf(kPage), fileOf("kept"));
    fs::rename(fileOf(kOther), fileOf(kPage));
    fs::rename(fileOf("kept"), fileOf(kOther));
  });
  expectCorrupt(kPage, [&] { store_->hashGet("h", "key9"); });
  expectCorrupt(kOther, [&] { store_->hashGet("h", "key1"); });
  meanwhile([&] { fs::rename(fileOf("sound/data/0.json"), fileOf(kPage)); });
  expectCorrupt(kPage, [&] { store_->hashGet("h", "key9"); });
  store_->repair();
  fill("sound");
}

TEST_F(Checksums, ALostPageIsCorruptUntilRepairDoesWithoutIt) {
  const std::size_t items = Json::parse(textOf(kPage))["items"].size();
  meanwhile([&] { fs::remove(fileOf(kPage)); });
  expectCorrupt(kPage, [&] { store_->hashFind("h", "key9"); });
  expectCorrupt(kPage, [&] { store_->hashPut("h", "key9", 1); });
  expectCorrupt(kPage, [&] { store_->hashGetAll("h"); });
  EXPECT_EQ(store_->hashGet("h", "key1"), "text1");
  EXPECT_EQ(errorsOf(kPage), 1u);
  store_->repair();
  expectClean(store_->verify());
  EXPECT_EQ(store_->hashFind("h", "key9"), std::nullopt);
  EXPECT_EQ(store_->hashGetInfo("h").length, 60 - items);
  store_->hashPut("h", "key9", "new");
  store_.reopen();
  EXPECT_EQ(store_->hashGet("h", "key9"), "new");
}

// As `cp` from a backup brings it: the text of before, the attribute of now.
TEST_F(Checksums, AnOldTextInTheFileOfNowIsCorrupt) {
  const std::string old = textOf(kPage);
  store_->hashPut("h", "key9", "newer");
  meanwhile([&] { writeFile(fileOf(kPage), old); });
  expectCorrupt(kPage, [&] { store_->hashGet("h", "key9"); });
  store_->accept({kPage});
  EXPECT_EQ(store_->hashGet("h", "key9"), "text9");
}

// As `cp -a` brings it. Only the number of items can tell, to verify.
TEST_F(Checksums, AnOldFileWithItsOwnAttributeIsBelieved) {
  fs::create_hard_link(fileOf(kPage), store_.dir().parent_path() / "old");
  store_->hashPut("h", "key9", "newer");
  meanwhile([&] { fs::rename(store_.dir().parent_path() / "old", fileOf(kPage)); });
  EXPECT_EQ(store_->hashGet("h", "key9"), "text9");
  expectClean(store_->verify());
}

TEST_F(Checksums, AFileThatNodePutThereIsUnknownAndNoted) {
  meanwhile([&] {
    std::string text = textOf(kPage);
    text.replace(text.find("text9"), 5, "nodes");
    writeFile(fileOf("_temp/1"), text);
    fs::rename(fileOf("_temp/1"), fileOf(kPage));
  });
  EXPECT_EQ(store_->hashGet("h", "key9"), "nodes");
  const Report report = store_->verify();
  expectClean(report);
  EXPECT_TRUE(hasNote(report, "without a checksum"));
  store_->hashPut("h", "key9", "ours");
  EXPECT_FALSE(hasNote(store_->verify(), "without a checksum"));
}

TEST_F(Checksums, APageThatNodeAddsBelowASealedIndexIsTaken) {
  meanwhile([&] { fs::remove(fileOf(kPage)); });
  store_->repair();
  meanwhile([&] {
    writeFile(fileOf(kPage), R"({"type":"hash_page","length":1,"items":{"key9":"nodes"}})");
  });
  EXPECT_EQ(store_->hashGet("h", "key9"), "nodes");
}

TEST_F(Checksums, AnIntendedEditIsAccepted) {
  edit(kPage, "text9", "by hand");
  const Report report = store_->accept({kPage});
  expectClean(report);
  EXPECT_TRUE(hasNote(report, "accepted"));
  EXPECT_EQ(store_->hashGet("h", "key9"), "by hand");
  EXPECT_FALSE(hasNote(store_->verify(), "without a checksum")) << "it is sealed as it is now";
  edit(kPage, "by hand", "by hend");
  expectCorrupt(kPage, [&] { store_->hashGet("h", "key9"); });
  store_->accept({kPage});
}

// Was told not to be accepted, because it matched its checksum.
TEST_F(Checksums, AFileWithoutOneIsGivenOne) {
  const std::string text = textOf(kPage);
  meanwhile([&] {
    fs::remove(fileOf(kPage));
    writeFile(fileOf(kPage), text);
  });
  EXPECT_TRUE(hasNote(store_->verify(), "without a checksum"));
  const Report report = store_->accept({kPage});
  expectClean(report);
  EXPECT_TRUE(hasNote(report, "had no checksum"));
  EXPECT_FALSE(hasNote(store_->verify(), "without a checksum"));
  edit(kPage, "text9", "tixt9");
  expectCorrupt(kPage, [&] { store_->hashGet("h", "key9"); });
}

TEST_F(Checksums, WhatHasNotTheRightFormIsNotAccepted) {
  edit(kPage, "{\"type\"", "{type");
  EXPECT_FALSE(store_->accept({kPage}).clean());
  expectCorrupt(kPage, [&] { store_->hashGet("h", "key9"); });
  meanwhile([&] { writeFile(fileOf(kPage), R"({"type":"hash","length":0})"); });
  EXPECT_FALSE(store_->accept({kPage}).clean());
}

TEST_F(Checksums, OnlyWhatIsThereIsAccepted) {
  edit(kPage, "text9", "tixt9");
  EXPECT_EQ(failureOf([&] { store_->accept({kPage, "h/data/x.json"}); }), Code::NoSuchKey);
  EXPECT_EQ(errorsOf(kPage), 1u);
  const Report report = store_->accept({kPage, kOther});
  EXPECT_FALSE(report.clean()) << "the other one needs no acceptance";
  EXPECT_EQ(store_->hashGet("h", "key9"), "tixt9");
}

TEST_F(Checksums, WithoutThemNothingIsComparedAndNothingSealed) {
  TestStore plain({"raw", "filesystem", {{"checksums", false}}, true});
  plain->hashPut("h", "key", "text");
  plain.close();
  EXPECT_LT(::getxattr((plain.dir() / "h/data.json").c_str(), "user.hexpage", nullptr, 0), 0);
  writeFile(plain.dir() / "h/data.json",
            R"({"type":"hash_page","length":1,"items":{"key":"tixt"}})");
  plain.open();
  EXPECT_EQ(plain->hashGet("h", "key"), "tixt");
  EXPECT_TRUE(plain->verify().findings.empty());
}

// The whole of .hexpage may go when a store is handed to Node; it may come back.
TEST_F(Checksums, AStoreThatLostWhatIsOursAloneIsUnknownNotCorrupt) {
  meanwhile([&] { fs::remove_all(fileOf(".hexpage")); });
  EXPECT_EQ(store_->hashGetAll("h").size(), 60u);
  expectClean(store_->verify());
  store_->hashPut("h", "key9", "ours");
  EXPECT_EQ(store_->hashGet("h", "key9"), "ours");
}

// Splits, gathers, drops and renames leave every file sealed and every index with its children.
TEST_F(Checksums, WhateverIsDoneEveryFileIsSealed) {
  Random random(7);
  const auto key = [&] { return "k" + std::to_string(random.below(300)); };
  for (int n = 0; n < 1500; ++n) {
    const std::size_t what = random.below(100);
    if (what == 0)
      store_->hashRename("h", "renamed"), store_->hashRename("renamed", "h");
    else if (what == 1)
      store_->hashCopy("h", "copy" + std::to_string(n)), store_->hashSetPageSize("h", 3);
    else if (random.below(1000) < static_cast<std::size_t>(n))
      store_->hashDeleteMulti("h", {key()});
    else
      store_->hashPut("h", key(), n);
  }
  store_.reopen();
  EXPECT_TRUE(store_->verify().findings.empty());
}

class Md5Checksums : public Checksums {
 protected:
  Md5Checksums() : Checksums(md5Files()) {}
};

TEST_F(Md5Checksums, AreAcceptedByFileToo) {
  const std::string page = store_->layout("h")[1].name;
  edit(page, "text", "tixt");
  expectCorrupt(page, [&] { store_->hashGetAll("h"); });
  expectClean(store_->accept({page}));
  EXPECT_EQ(store_->hashGetAll("h").size(), 60u);
}

}  // namespace
}  // namespace hexpage::testing
