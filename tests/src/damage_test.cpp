// Damaged files: each is told as Corrupt with its name, none is overwritten, the rest stays usable.
#include <set>

#include "tests/support/files.hpp"
#include "tests/support/process.hpp"
#include "tests/support/stores.hpp"

namespace hexpage::testing {
namespace {

class Damage : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const char* path : {"h", "sound"}) {
      Json records = Json::object();
      for (int n = 0; n < 60; ++n) records["key" + std::to_string(n)] = n;
      store_->hashPutMulti(path, records, {.create = {{"page_size", 10}}});
    }
    store_->put("record", {{"a", 1}});
  }

  // The rest of the store is there and can be written to.
  void TearDown() override {
    EXPECT_EQ(store_->hashGetAll("sound").size(), 60u);
    store_->hashPut("sound", "new", 1);
    store_->hashDelete("sound", "key7");
    EXPECT_EQ(store_->hashGetInfo("sound").length, 60u);
  }

  // In a file of its own, as Node and careful editors put it: no checksum tells that it is another.
  void damage(const std::string& name, const std::string& text) {
    store_.close();
    ASSERT_TRUE(std::filesystem::remove(store_.dir() / name)) << name;
    writeFile(store_.dir() / name, text);
    store_.open();
  }

  std::string stored(const std::string& name) { return readFile(store_.dir() / name); }

  template <class Call>
  void expectCorrupt(const std::string& file, Call call) {
    EXPECT_EQ(failureOf(call), Code::Corrupt);
    EXPECT_NE(messageOf(call).find(file), std::string::npos) << messageOf(call);
  }

  // verify() tells the file.
  void expectFound(const std::string& file) {
    bool found = false;
    std::string told;
    for (const Finding& finding : store_->verify().findings) {
      found = found || (finding.severity == Severity::Error && finding.file == file);
      told += "\n" + finding.file + ": " + finding.reason;
    }
    EXPECT_TRUE(found) << file << " is not among these:" << told;
  }

  // The page of this key, and a key of another page.
  static constexpr const char* kPage = "h/data/0.json";  // has key9
  TestStore store_{rawFiles()};
};

// Ways in which a page can be broken.
class BrokenPage : public Damage, public ::testing::WithParamInterface<std::string> {};

std::string caseName(const ::testing::TestParamInfo<std::string>& text) {
  return "case" + std::to_string(text.index);
}

INSTANTIATE_TEST_SUITE_P(
    All, BrokenPage,
    ::testing::Values("", " ", "{", "null", "[]", "5", "\"hash_page\"", "{}", std::string(4, '\0'),
                      R"({"type":"hash_page"})", R"({"type":"hash_page","length":1})",
                      R"({"type":"hash_page","length":1,"items":[]})",
                      R"({"type":"hash_page","length":1,"items":{"key9":9})",
                      R"({"type":"hash_page","length":1,"items":{"key9":9}}x)",
                      R"({"type":"hash_page","length":1,"items":{"key9":nul}})",
                      "{\"type\":\"hash_page\",\"length\":1,\"items\":{\"key9\":\"\xff\"}}"),
    caseName);

TEST_P(BrokenPage, IsToldByEveryCallThatNeedsItAndNeverOverwritten) {
  damage(kPage, GetParam());
  const auto ignore = [](const std::string&, const Json&) {};
  expectCorrupt(kPage, [&] { store_->hashGet("h", "key9"); });
  expectCorrupt(kPage, [&] { store_->hashFind("h", "key9"); });
  expectCorrupt(kPage, [&] { store_->hashHas("h", "key9"); });
  expectCorrupt(kPage, [&] { store_->hashGetAll("h"); });
  expectCorrupt(kPage, [&] { store_->hashEach("h", ignore); });
  expectCorrupt(kPage, [&] { store_->hashPut("h", "key9", 1); });
  expectCorrupt(kPage, [&] { store_->hashDelete("h", "key9"); });
  expectCorrupt(kPage, [&] { store_->hashUpdate("h", "key9", {{"a", 1}}); });
  expectCorrupt(kPage, [&] { store_->hashCopy("h", "copy"); });
  expectCorrupt(kPage, [&] { store_->hashSetPageSize("h", 20); });
  expectFound(kPage);
  store_.close();
  EXPECT_EQ(stored(kPage), GetParam());
  store_.open();
}

TEST_F(Damage, AHeaderBeyondWhatCanBeReadHidesNoOtherHash) {
  // Failed once: hashes() threw for all of them, and verify found nothing.
  damage("h.json", R"({"page_size":1e999,"length":60,"type":"hash"})");
  expectCorrupt("h", [&] { store_->hashGetInfo("h"); });
  const auto hashes = store_->hashes();
  ASSERT_EQ(hashes.size(), 2u);
  EXPECT_EQ(hashes[0].path, "h");
  EXPECT_NE(hashes[0].fault, "");
  EXPECT_EQ(hashes[1].path, "sound");
  EXPECT_EQ(hashes[1].fault, "");
  EXPECT_EQ(hashes[1].length, 60u);
  expectFound("h.json");
  EXPECT_EQ(store_->hashGet("h", "key9"), 9);
}

TEST_F(Damage, TheOtherPagesOfTheHashStayUsable) {
  damage(kPage, "{");
  std::size_t readable = 0;
  for (int n = 0; n < 60; ++n) {
    try {
      EXPECT_EQ(store_->hashGet("h", "key" + std::to_string(n)), n);
      ++readable;
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), Code::Corrupt);
    }
  }
  EXPECT_GT(readable, 40u);
  store_->hashPut("h", "key1", "changed");  // key1 lies below c
  EXPECT_EQ(store_->hashGet("h", "key1"), "changed");
}

// A loop reads ahead: what it finds broken there is not to be told before its turn.
TEST_F(Damage, ALoopGivesAllItemsUpToABrokenPage) {
  std::set<std::string> pages;
  for (const auto& entry : std::filesystem::directory_iterator(store_.dir() / "h/data"))
    pages.insert("h/data/" + entry.path().filename().string());
  ASSERT_GT(pages.size(), 6u);
  const std::string last = *pages.rbegin();
  const std::size_t lost = Json::parse(stored(last))["items"].size();
  damage(last, "{");
  std::set<std::string> seen;
  const auto loop = [&] {
    seen.clear();
    store_->hashEachText("h",
                         [&](const std::string& key, const std::string&) { seen.insert(key); });
  };
  expectCorrupt(last, loop);
  EXPECT_EQ(seen.size(), 60 - lost);
}

TEST_F(Damage, ABatchOverABrokenPageDoesNothing) {
  damage(kPage, "{");
  const Json records{{"key1", "changed"}, {"key9", "changed"}};
  expectCorrupt(kPage, [&] { store_->hashPutMulti("h", records); });
  EXPECT_EQ(store_->hashGet("h", "key1"), 1);
  EXPECT_EQ(store_->hashGetInfo("h").length, 60u);
}

TEST_F(Damage, ABrokenIndexIsTold) {
  damage("h/data.json", "{\"type\":\"hash_ind");
  expectCorrupt("h/data.json", [&] { store_->hashGet("h", "key1"); });
  expectCorrupt("h/data.json", [&] { store_->hashPut("h", "key1", 1); });
  expectFound("h/data.json");
  store_.close();
  EXPECT_EQ(stored("h/data.json"), "{\"type\":\"hash_ind");
  store_.open();
}

TEST_F(Damage, ABrokenHeaderIsToldAndNeverOverwritten) {
  for (const char* text : {"", "{", R"({"page_size":10,"length":60,"type":"ha)",
                           R"({"page_size":10,"type":"hash"})"}) {
    damage("h.json", text);
    expectCorrupt("h.json", [&] { store_->hashGetInfo("h"); });
    expectCorrupt("h.json", [&] { store_->hashCreate("h"); });
    expectCorrupt("h.json", [&] { store_->hashPut("h", "new", 1); });
    expectCorrupt("h.json", [&] { store_->put("h", 1); });
    expectFound("h.json");
    store_.close();
    EXPECT_EQ(stored("h.json"), text);
    store_.open();
  }
}

TEST_F(Damage, AMissingHeaderOverPagesIsCorrupt) {
  store_.close();
  std::filesystem::remove(store_.dir() / "h.json");
  store_.open();
  EXPECT_EQ(failureOf([&] { store_->hashPut("h", "new", 1); }), Code::Corrupt);
  EXPECT_EQ(failureOf([&] { store_->hashCreate("h"); }), Code::Corrupt);
  EXPECT_EQ(failureOf([&] { store_->hashGet("h", "key1"); }), Code::Corrupt);
  EXPECT_EQ(failureOf([&] { store_->hashGetInfo("h"); }), Code::Corrupt);
  const auto hashes = store_->hashes();
  ASSERT_EQ(hashes.size(), 2u);
  EXPECT_EQ(hashes[0].path, "h");
  EXPECT_NE(hashes[0].fault, "") << "it was once left out of the list";
  EXPECT_FALSE(store_->verify().clean());
}

// Without checksums an index does not say what lies below it, nor does one that Node wrote.
TEST_F(Damage, AMissingPageBelowAnUnsealedIndexHasNoItems) {
  damage("h/data.json", R"({"type":"hash_index"})");
  store_.close();
  std::filesystem::remove(store_.dir() / kPage);
  store_.open();
  EXPECT_EQ(store_->hashFind("h", "key9"), std::nullopt);
  EXPECT_FALSE(store_->verify().clean()) << "the length in the header is wrong";
}

TEST_F(Damage, ABrokenRecordIsToldAndCanBeReplaced) {
  damage("record.json", "{\"a\":");
  expectCorrupt("record.json", [&] { store_->get("record"); });
  expectCorrupt("record.json", [&] { store_->find("record"); });
  expectFound("record.json");
}

TEST_F(Damage, AWrongLengthIsFound) {
  damage("h.json", R"({"page_size":10,"length":61,"type":"hash"})");
  expectFound("h.json");
}

TEST_F(Damage, AWrongPageLengthIsFound) {
  Json page = Json::parse(stored(kPage));
  page["length"] = page["length"].get<int>() + 1;
  damage(kPage, page.dump());
  expectFound(kPage);
}

TEST_F(Damage, AMisplacedItemIsFound) {
  Json page = Json::parse(stored(kPage));
  page["items"]["key1"] = 1;  // belongs below c
  page["length"] = page["items"].size();
  damage(kPage, page.dump());
  expectFound(kPage);
}

TEST_F(Damage, AFileThatBelongsToNothingIsFound) {
  store_.close();
  writeFile(store_.dir() / "h/data/0/1.json", R"({"type":"hash_page","length":0,"items":{}})");
  writeFile(store_.dir() / "lost/data.json", R"({"type":"hash_page","length":1,"items":{"a":1}})");
  store_.open();
  expectFound("h/data/0/1.json");
  expectFound("lost.json");  // the header of a hash that has pages
}

TEST_F(Damage, RepairSaysFirstWhatItWouldDo) {
  damage("h.json", R"({"page_size":10,"length":61,"type":"hash"})");
  const Report dry = store_->repair(true);
  ASSERT_FALSE(dry.findings.empty());
  EXPECT_FALSE(dry.findings.front().action.empty());
  EXPECT_FALSE(store_->verify().clean());
  store_.close();
  EXPECT_EQ(stored("h.json"), R"({"page_size":10,"length":61,"type":"hash"})");
  store_.open();
}

TEST_F(Damage, RepairRecounts) {
  damage("h.json", R"({"mine":1.10,"page_size":10,"length":61,"type":"hash"})");
  store_->repair();
  expectClean(store_->verify());
  EXPECT_EQ(store_->hashGetInfo("h").length, 60u);
  store_.close();
  EXPECT_EQ(stored("h.json"), R"({"mine":1.10,"page_size":10,"length":60,"type":"hash"})");
  store_.open();
}

TEST_F(Damage, RepairMovesAMisplacedItem) {
  Json page = Json::parse(stored(kPage));
  page["items"]["wanderer"] = "here";
  page["length"] = page["items"].size();
  damage(kPage, page.dump());
  store_->repair();
  expectClean(store_->verify());
  EXPECT_EQ(store_->hashGet("h", "wanderer"), "here");
  EXPECT_EQ(store_->hashGetInfo("h").length, 61u);
}

TEST_F(Damage, RepairMovesWhatItCanNotReadAside) {
  const std::string torn = stored(kPage).substr(0, 40);
  damage(kPage, torn);
  store_->repair();
  expectClean(store_->verify());
  EXPECT_EQ(store_->hashFind("h", "key9"), std::nullopt);
  EXPECT_EQ(store_->hashGetInfo("h").length, store_->hashGetAll("h").size());
  store_.close();
  bool kept = false;
  const auto quarantine = store_.dir() / ".hexpage/quarantine";
  for (const auto& entry : std::filesystem::recursive_directory_iterator(quarantine))
    kept = kept || (entry.is_regular_file() && readFile(entry.path()) == torn);
  EXPECT_TRUE(kept) << "the unreadable text is gone";
  store_.open();
}

TEST_F(Damage, RepairMakesAMissingHeaderAnew) {
  store_.close();
  std::filesystem::remove(store_.dir() / "h.json");
  store_.open();
  store_->repair();
  expectClean(store_->verify());
  EXPECT_EQ(store_->hashGetAll("h").size(), 60u);
  EXPECT_EQ(store_->hashGetInfo("h").length, 60u);
}

// Failed once: all pages below a damaged index went into quarantine with it.
TEST_F(Damage, AnIndexIsMadeAnewAndNothingIsLost) {
  for (const bool isMissing : {false, true}) {
    const auto before = store_->hashGetAll("h");
    if (isMissing) {
      store_.close();
      std::filesystem::remove(store_.dir() / "h/data.json");
      store_.open();
    } else {
      damage("h/data.json", "");
    }
    expectFound("h/data.json");
    store_->repair();
    expectClean(store_->verify());
    EXPECT_EQ(store_->hashGetAll("h"), before);
    EXPECT_EQ(stored("h/data.json"), R"({"type":"hash_index"})");
  }
}

// Failed once: the page that repair made for a misplaced item was taken for a stray one.
TEST_F(Damage, AMisplacedItemGoesToAPageOfItsOwn) {
  store_->hashPutMulti("few", {{"bsanders", 1}, {"hclinton", 2}}, {.create = {{"page_size", 1}}});
  // bsanders belongs into page 3, hclinton into page e.
  damage("few/data/e.json",
         R"({"type":"hash_page","length":2,"items":{"hclinton":2,"bsanders":1}})");
  store_.close();
  std::filesystem::remove(store_.dir() / "few/data/3.json");
  store_.open();
  store_->repair();
  expectClean(store_->verify());
  EXPECT_EQ(store_->hashGetAll("few").size(), 2u);
  EXPECT_EQ(store_->hashGet("few", "bsanders"), 1);
}

// Failed once: the hash passed for one that is not there.
TEST_F(Damage, ARecordInTheHeadersPlaceOverPagesIsCorrupt) {
  damage("h.json", R"({"a":1})");
  expectCorrupt("h.json", [&] { store_->hashFind("h", "key1"); });
  expectCorrupt("h.json", [&] { store_->hashGetAll("h"); });
  expectCorrupt("h.json", [&] { store_->hashPut("h", "new", 1); });
  EXPECT_EQ(store_->get("h"), Json({{"a", 1}}));
}

// Failed once: repair wrote a new header over whatever stood in its place.
TEST_F(Damage, WhatStandsInAHeadersPlaceIsKeptAndItsOptionsToo) {
  damage("h.json", R"({"page_size":10,"mine":1,"length":60,"type":"hbsh"})");
  expectFound("h.json");
  store_->repair();
  expectClean(store_->verify());
  EXPECT_EQ(store_->hashGetAll("h").size(), 60u);
  EXPECT_EQ(store_->hashGetInfo("h").options, Json({{"page_size", 10}, {"mine", 1}}));
  EXPECT_NE(stored(".hexpage/quarantine/h.json").find("hbsh"), std::string::npos);
}

// Failed once: the first record that was no file kept verify from the rest, and stayed for ever.
TEST_F(Damage, WhatIsNoFileIsMovedAside) {
  store_.close();
  std::filesystem::remove(store_.dir() / "h.json");
  std::filesystem::create_directory(store_.dir() / "h.json");
  std::filesystem::remove(store_.dir() / "record.json");
  std::filesystem::create_symlink("/dev/null", store_.dir() / "record.json");
  store_.open();
  expectFound("h.json");
  expectFound("record.json");
  for (const Finding& finding : store_->verify().findings)
    EXPECT_FALSE(finding.reason.starts_with(finding.file)) << "the name once stood there twice";
  store_->repair();
  expectClean(store_->verify());
  EXPECT_EQ(store_->hashGetAll("h").size(), 60u);
}

// Failed once: a stale page below a dropped hash kept it from being made again.
TEST_F(Damage, DropRemovesStalePagesToo) {
  store_->hashPut("few", "k", 1);
  store_.close();
  writeFile(store_.dir() / "few/data/3.json",
            R"({"type":"hash_page","length":1,"items":{"old":1}})");
  store_.open();
  store_->hashDeleteAll("few", true);
  store_->hashPut("few", "k", 2);
  EXPECT_EQ(store_->hashGetAll("few"), Json({{"k", 2}}));
  expectClean(store_->verify());
}

// An old version of a journal that was put back was believed: changes that others had been made
// upon since were made again.
TEST(OldJournal, IsRefusedByName) {
  TestStore store(bufferedFiles(), {{"sync_interval", 3'600'000}});
  store->hashPut("users", "ann", 0);
  store.close();
  Process dying([&](const Line&) {
    store.open();
    store->hashPut("users", "ann", 1);
    ::raise(SIGKILL);
  });
  dying.waitForEnd();
  const auto journals = store.dir() / ".hexpage/journals";
  const auto copy = store.dir() / "../copy";
  std::filesystem::copy(journals, copy, std::filesystem::copy_options::recursive);
  store.open();
  store->hashPut("users", "ann", 2);
  store.close();
  for (const auto& entry : std::filesystem::directory_iterator(copy))
    writeFile(journals / entry.path().filename(), readFile(entry.path()));

  const auto refusal = errorOf([&] { store.open(); });
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->code(), Code::Corrupt);
  for (const char* const file : {".hexpage/journals/0.0", ".hexpage/journals/0.1"})
    EXPECT_NE(std::string(refusal->what()).find(file), std::string::npos) << refusal->what();

  std::filesystem::remove_all(journals);
  std::filesystem::create_directory(journals);
  store.open();
  EXPECT_EQ(store->hashGet("users", "ann"), 2);
}

}  // namespace
}  // namespace hexpage::testing
