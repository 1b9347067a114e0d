// Defects of pixl-server-storage 4.2.2 that hexpage must not share, each named for what must not
// happen. The letters are those of the list of its defects that our design keeps; the first line of
// each test says what the reference does.
#include <atomic>
#include <hexpage/testing/contract/odd_keys.hpp>
#include <thread>

#include "tests/support/files.hpp"
#include "tests/support/stores.hpp"

namespace hexpage::testing {
namespace {

class Defects : public ::testing::Test {
 protected:
  void TearDown() override {
    if (expectSound_) expectClean(store_->verify());
  }

  static Json numbered(int count) {
    Json records = Json::object();
    for (int n = 0; n < count; ++n) records["key" + std::to_string(n)] = n;
    return records;
  }

  void makeHash(const std::string& path, int count, int pageSize = 10) {
    store_->hashPutMulti(path, numbered(count), {.create = {{"page_size", pageSize}}});
  }

  std::filesystem::path file(const std::string& name) { return store_.dir() / name; }

  // Changes a file while the store is closed.
  void damage(const std::string& name, const std::string& text) {
    expectSound_ = false;
    store_.close();
    ASSERT_TRUE(std::filesystem::exists(file(name))) << name;
    writeFile(file(name), text);
    store_.open();
  }

  // One page file below the index of the hash.
  std::string somePage(const std::string& path) {
    for (const LayoutNode& node : store_->layout(path))
      if (!node.isIndex && node.items > 0) return node.name;
    throw std::logic_error("no page");
  }

  static void expectSame(const Json& actual, const Json& expected) {
    EXPECT_EQ(nlohmann::json(actual), nlohmann::json(expected));
  }

  bool expectSound_ = true;
  TestStore store_{rawFiles()};
};

// A1: a put takes an unreadable page for an empty one and writes that over it.
TEST_F(Defects, A1_APutDoesNotReplaceAnUnreadablePage) {
  makeHash("h", 20, 50);
  std::string torn = readFile(file("h/data.json"));
  torn.resize(torn.size() - 5);
  damage("h/data.json", torn);
  EXPECT_EQ(failureOf([&] { store_->hashPut("h", "new", 1); }), Code::Corrupt);
  store_.close();
  EXPECT_EQ(readFile(file("h/data.json")), torn);
  EXPECT_EQ(Json::parse(readFile(file("h.json")))["length"], 20);
  store_.open();
}

// A2: a put takes an unreadable index for an empty page and hides all that is below.
TEST_F(Defects, A2_APutDoesNotReplaceAnUnreadableIndex) {
  makeHash("h", 100);
  damage("h/data.json", "");
  EXPECT_EQ(failureOf([&] { store_->hashPut("h", "new", 1); }), Code::Corrupt);
  store_.close();
  EXPECT_EQ(readFile(file("h/data.json")), "");
  writeFile(file("h/data.json"), R"({"type":"hash_index"})");
  store_.open();
  expectSame(store_->hashGetAll("h"), numbered(100));
  expectClean(store_->verify());
}

// A3: the header's length drifts from the number of items and is never recounted.
TEST_F(Defects, A3_TheLengthDoesNotDrift) {
  for (int round = 0; round < 3; ++round) {
    makeHash("h", 40, 3);
    for (int n = 0; n < 40; n += 3) store_->hashDelete("h", "key" + std::to_string(n));
    std::size_t seen = 0;
    store_->hashEach("h", [&](const std::string&, const Json&) { ++seen; });
    EXPECT_EQ(store_->hashGetInfo("h").length, seen);
  }
}

// A4: an empty header file is taken for no hash, and the hash made anew over its pages.
TEST_F(Defects, A4_AnEmptyHeaderIsNotTakenForNoHash) {
  makeHash("h", 20, 50);
  damage("h.json", "");
  const std::string page = readFile(file("h/data.json"));
  for (int n = 0; n < 3; ++n)
    EXPECT_EQ(failureOf([&] { store_->hashPut("h", "new", 1); }), Code::Corrupt);
  EXPECT_EQ(failureOf([&] { store_->hashCreate("h"); }), Code::Corrupt);
  store_.close();
  EXPECT_EQ(readFile(file("h/data.json")), page);
  store_.open();
}

// A5: a split keeps what lies in its children's files from before; deleted items come back.
TEST_F(Defects, A5_ASplitBringsBackNoStaleChild) {
  store_->hashPutMulti("h", numbered(10), {.create = {{"page_size", 10}}});
  store_.close();
  // key9 is what a split puts below 0; here such a child is left over from an unfinished one.
  writeFile(file("h/data/0.json"),
            R"({"type":"hash_page","length":2,"items":{"key9":"stale","key31":"stale"}})");
  store_.open();
  store_->hashDelete("h", "key9");
  store_->hashPutMulti("h", {{"more1", 1}, {"more2", 2}, {"more3", 3}});
  EXPECT_EQ(store_->hashFind("h", "key9"), std::nullopt);
  EXPECT_EQ(store_->hashFind("h", "key31"), std::nullopt);
  EXPECT_EQ(store_->hashGetInfo("h").length, 12u);
  EXPECT_EQ(store_->hashGetAll("h").size(), 12u);
}

// A6: deleteAll interrupted leaves pages, and later puts bring the deleted items back.
TEST_F(Defects, A6_DeletedItemsDoNotComeBack) {
  makeHash("h", 60, 5);
  store_->hashDeleteAll("h");
  makeHash("h", 6, 5);
  expectSame(store_->hashGetAll("h"), numbered(6));
}

// A7: `__proto__` is lost when its page splits.
TEST_F(Defects, A7_ProtoIsNotLostInASplit) {
  store_->hashPut("h", "__proto__", {{"x", 1}}, {.create = {{"page_size", 3}}});
  makeHash("h", 30);
  EXPECT_EQ(store_->hashGet("h", "__proto__"), (Json{{"x", 1}}));
  EXPECT_EQ(store_->hashGetInfo("h").length, 31u);
  EXPECT_EQ(store_->hashGetAll("h").size(), 31u);
}

// A8: a rename onto itself, also by another spelling, deletes everything.
TEST_F(Defects, A8_ARenameOntoItselfDeletesNothing) {
  makeHash("users", 30);
  store_->hashRename("users", "users");
  store_->hashRename("users", "Users");
  store_->rename("users", "/USERS/");
  expectSame(store_->hashGetAll("users"), numbered(30));
  store_->put("record", 1);
  store_->rename("record", "Record");
  EXPECT_EQ(store_->get("record"), 1);
}

// A9: iteration, copy and rename skip an unreadable page without a word.
TEST_F(Defects, A9_AnUnreadablePageIsNotSkipped) {
  makeHash("h", 60, 5);
  const std::string page = somePage("h");
  damage(page, "{\"type\":");
  const auto ignore = [](const std::string&, const Json&) {};
  EXPECT_EQ(failureOf([&] { store_->hashGetAll("h"); }), Code::Corrupt);
  EXPECT_EQ(failureOf([&] { store_->hashEach("h", ignore); }), Code::Corrupt);
  EXPECT_EQ(failureOf([&] { store_->hashCopy("h", "copy"); }), Code::Corrupt);
  EXPECT_FALSE(store_->has("copy"));
  EXPECT_NE(messageOf([&] { store_->hashGetAll("h"); }).find(page), std::string::npos);
}

// A10: deleting the last item with `entire` leaves the index and its other pages.
TEST_F(Defects, A10_AnEntireDeleteLeavesNoFile) {
  makeHash("h", 30, 3);
  for (int n = 0; n < 30; ++n) store_->hashDelete("h", "key" + std::to_string(n), true);
  store_->sync();
  EXPECT_EQ(visibleTree(store_.dir()), std::vector<std::string>{});
}

// A11: pages are never joined again, so that space is not given back.
TEST_F(Defects, A11_SpaceIsGivenBack) {
  makeHash("h", 400, 5);
  for (int n = 0; n < 398; ++n) store_->hashDelete("h", "key" + std::to_string(n));
  store_->sync();
  EXPECT_EQ(visibleTree(store_.dir()), (std::vector<std::string>{"h.json", "h/", "h/data.json"}));
}

// A12: copying onto a hash leaves the old one's pages there, and they come back later.
TEST_F(Defects, A12_ACopyOntoAHashLeavesNothingOfIt) {
  makeHash("old", 60, 5);
  makeHash("h", 5, 5);
  store_->hashCopy("h", "old");
  store_->hashPut("old", "one more", 1);
  EXPECT_EQ(store_->hashGetAll("old").size(), 6u);
  EXPECT_EQ(store_->hashGetInfo("old").length, 6u);
}

// A13: a put onto a record that is no hash counts up its length, also a page's of another hash.
TEST_F(Defects, A13_APutOntoARecordIsRefused) {
  store_->put("list", {{"type", "list"}, {"length", 3}});
  EXPECT_EQ(failureOf([&] { store_->hashPut("list", "k", 1); }), Code::Conflict);
  EXPECT_EQ(store_->get("list"), (Json{{"type", "list"}, {"length", 3}}));
  store_->hashPut("h", "k", 1);
  EXPECT_EQ(failureOf([&] { store_->hashPut("h/data", "k", 1); }), Code::Conflict);
  EXPECT_EQ(readFile(file("h/data.json")), R"({"type":"hash_page","length":1,"items":{"k":1}})");
}

// A14: a rename whose copy fails deletes the record all the same.
TEST_F(Defects, A14_AFailedRenameKeepsTheRecord) {
  store_->put("bob", {{"a", 1}});
  EXPECT_EQ(failureOf([&] { store_->rename("bob", "bob.v2"); }), Code::InvalidArgument);
  EXPECT_EQ(store_->get("bob"), (Json{{"a", 1}}));
}

// A15: `$` in the new path is taken for a pattern, and header and pages part. Here it is dropped as
// any other character that no path has.
TEST_F(Defects, A15_ADollarInThePathDoesNotTearTheHash) {
  makeHash("h", 30);
  store_->hashRename("h", "x$&y");
  EXPECT_EQ(store_->list(), std::vector<std::string>{"xy"});
  expectSame(store_->hashGetAll("xy"), numbered(30));
}

// A16: values that JSON can not hold are counted and not stored.
TEST_F(Defects, A16_WhatCanNotBeStoredIsNotCounted) {
  store_->hashCreate("h");
  for (int n = 0; n < 3; ++n)
    EXPECT_EQ(failureOf([&] { store_->hashPut("h", "k", Json::binary({1})); }),
              Code::InvalidArgument);
  EXPECT_EQ(store_->hashGetInfo("h").length, 0u);
}

// A16b: un-indexing takes an unreadable sibling for an empty one and deletes it.
TEST_F(Defects, A16b_GatheringDoesNotDeleteAnUnreadableSibling) {
  makeHash("h", 11);
  const std::string torn = "{\"type\":\"hash_pa";
  damage("h/data/0.json", torn);  // the page of key9
  for (int n = 0; n <= 10; ++n) {
    if (n == 9) continue;
    try {
      store_->hashDelete("h", "key" + std::to_string(n));
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), Code::Corrupt);
    }
  }
  store_.close();
  EXPECT_EQ(readFile(file("h/data/0.json")), torn);
  EXPECT_EQ(readFile(file("h/data.json")), R"({"type":"hash_index"})");
  store_.open();
}

// A17: keys of one digest split down to level 32, where the page destroys itself.
TEST_F(Defects, A17_KeysOfOneDigestDoNotDestroyThePage) {
  const std::string& one = kCollisionA;
  const std::string& other = kCollisionB;
  store_->hashCreate("h", {{"page_size", 1}});
  for (int n = 0; n < 40; ++n) {
    store_->hashPut("h", one, n);
    store_->hashPut("h", other, -n);
  }
  store_.reopen();
  EXPECT_EQ(store_->hashGet("h", one), 39);
  EXPECT_EQ(store_->hashGet("h", other), -39);
  EXPECT_EQ(store_->hashGetInfo("h").length, 2u);
  store_->hashDelete("h", one);
  EXPECT_EQ(store_->hashGetAll("h"), (Json{{other, -39}}));
}

// A18: hashes made from one options object share one header.
TEST_F(Defects, A18_HashesOfOneOptionsObjectDoNotMix) {
  const PutOptions options{.create = {{"page_size", 5}}};
  for (int n = 0; n < 8; ++n) {
    const std::string path = "h" + std::to_string(n);
    for (int k = 0; k <= n; ++k) store_->hashPut(path, std::to_string(k), k, options);
  }
  for (const HashInfo& info : store_->hashes())
    EXPECT_EQ(info.length, static_cast<std::uint64_t>(info.path.back() - '0') + 1) << info.path;
  EXPECT_EQ(options.create, (Json{{"page_size", 5}}));
}

// A19: iteration stumbles over the keys `length` and `__proto__`.
TEST_F(Defects, A19_IterationSeesLengthAndProto) {
  const Json records{{"length", 2}, {"__proto__", 3}, {"other", 4}};
  store_->hashPutMulti("h", records);
  Json seen = Json::object();
  store_->hashEach("h", [&](const std::string& key, const Json& value) { seen[key] = value; });
  expectSame(seen, records);
}

// A20: a lost header is made anew over the pages, which are wiped.
TEST_F(Defects, A20_AHashWithoutItsHeaderIsNotWiped) {
  makeHash("h", 20, 50);
  expectSound_ = false;
  const std::string page = readFile(file("h/data.json"));
  store_.close();
  std::filesystem::remove(file("h.json"));
  store_.open();
  EXPECT_EQ(failureOf([&] { store_->hashPut("h", "new", 1); }), Code::Corrupt);
  EXPECT_EQ(failureOf([&] { store_->hashCreate("h"); }), Code::Corrupt);
  EXPECT_EQ(failureOf([&] { store_->hashGet("h", "key1"); }), Code::Corrupt);
  EXPECT_FALSE(store_->verify().clean());
  store_.close();
  EXPECT_EQ(readFile(file("h/data.json")), page);
  store_.open();
}

// A21: a read that ran beside a put fills the cache with the value from before.
TEST_F(Defects, A21_ThreadsReadNoValueFromBeforeAPut) {
  makeHash("h", 40, 5);
  std::atomic<bool> done = false;
  std::thread reader([&] {
    while (!done) store_->hashGet("h", "key7");
  });
  int stale = 0;
  for (int n = 0; n < 200; ++n) {
    store_->hashPut("h", "key7", 1000 + n);
    if (store_->hashGet("h", "key7") != 1000 + n) ++stale;
  }
  done = true;
  reader.join();
  EXPECT_EQ(stale, 0);
}

// A22: a create that runs beside a put wipes what the put stored.
TEST_F(Defects, A22_ThreadsThatCreateLoseNoPut) {
  for (int round = 0; round < 25; ++round) {
    const std::string path = "h" + std::to_string(round);
    std::thread creator([&] { store_->hashCreate(path); });
    store_->hashPut(path, "k", round);
    creator.join();
    EXPECT_EQ(store_->hashGet(path, "k"), round);
    EXPECT_EQ(store_->hashGetInfo(path).length, 1u);
  }
}

// B1: an update of a member called `length` is refused.
TEST_F(Defects, B1_AMemberCalledLengthIsUpdated) {
  store_->hashPut("h", "k", {{"length", 1}});
  store_->hashUpdate("h", "k", {{"length", 5}});
  EXPECT_EQ(store_->hashGet("h", "k"), (Json{{"length", 5}}));
}

// B2: an update of a scalar succeeds and does nothing.
TEST_F(Defects, B2_AnUpdateOfAScalarIsAnError) {
  for (const Json& scalar : std::vector<Json>{"text", 5, true}) {
    store_->hashPut("h", "k", scalar);
    EXPECT_EQ(failureOf([&] { store_->hashUpdate("h", "k", {{"a", 1}}); }), Code::InvalidArgument);
    EXPECT_EQ(store_->hashGet("h", "k"), scalar);
  }
}

// B3: of many keys asked for, one that is missing fails all.
TEST_F(Defects, B3_AMissingKeyDoesNotFailTheOthers) {
  makeHash("h", 3);
  const std::vector<std::optional<Json>> expected{0, std::nullopt, 2};
  EXPECT_EQ(store_->hashGetMulti("h", {"key0", "nobody", "key2"}), expected);
}

// B4: of many keys put, an error in the middle leaves those before it.
TEST_F(Defects, B4_AFailingMultiLeavesNoPart) {
  makeHash("h", 3);
  EXPECT_EQ(failureOf([&] {
              store_->hashPutMulti("h", {{"new", 1}, {"", 2}});
            }),
            Code::InvalidArgument);
  EXPECT_EQ(failureOf([&] {
              store_->hashUpdateMulti("h", {{"key0", {{"a", 1}}}});
            }),
            Code::InvalidArgument);
  expectSame(store_->hashGetAll("h"), numbered(3));
}

// B5: arguments are not checked, and a wrong page_size is stored.
TEST_F(Defects, B5_ArgumentsAreChecked) {
  EXPECT_EQ(failureOf([&] {
              store_->hashCreate("h", {{"page_size", -1}});
            }),
            Code::InvalidArgument);
  EXPECT_EQ(failureOf([&] { store_->hashCreate("", {{"page_size", 5}}); }), Code::InvalidArgument);
  EXPECT_TRUE(store_->list().empty());
}

// B6: an update of a null, or through one, ends the process with the lock held.
TEST_F(Defects, B6_AnUpdateThroughNullIsAnErrorOrMakesTheObject) {
  store_->hashPut("h", "k", nullptr);
  EXPECT_EQ(failureOf([&] { store_->hashUpdate("h", "k", {{"a", 1}}); }), Code::InvalidArgument);
  EXPECT_EQ(store_->hashGet("h", "k"), nullptr);
  store_->hashPut("h", "k", {{"a", nullptr}});
  EXPECT_EQ(failureOf([&] { store_->hashUpdate("h", "k", {{"a.b", 1}}); }), Code::InvalidArgument);
  store_->hashPut("h", "k", 1);  // no lock is left
}

// B7: an update of `__proto__.x` changes every object of the process.
TEST_F(Defects, B7_AnUpdateOfProtoStaysInTheDocument) {
  store_->hashPutMulti("h", {{"k", Json::object()}, {"other", Json::object()}});
  store_->hashUpdate("h", "k", {{"__proto__.polluted", 1}});
  EXPECT_EQ(store_->hashGetText("h", "k"), R"({"__proto__":{"polluted":1}})");
  EXPECT_EQ(store_->hashGetText("h", "other"), "{}");
}

// B8: a hash or a key called `constructor` hangs or throws in the lock table.
TEST_F(Defects, B8_ConstructorIsANameLikeAnyOther) {
  store_->hashPut("constructor", "constructor", 1);
  store_->hashPut("__proto__", "__proto__", 2);
  EXPECT_EQ(store_->hashGet("constructor", "constructor"), 1);
  EXPECT_EQ(store_->hashGet("__proto__", "__proto__"), 2);
}

// B9: very many waiters on one lock overflow the stack.
TEST_F(Defects, B9_ThreadsManyOfThemWaitForOneHash) {
  store_->hashPut("h", "n", Json::object());
  std::vector<std::thread> threads;
  for (int t = 0; t < 50; ++t)
    threads.emplace_back([&, t] { store_->hashUpdate("h", "n", {{std::to_string(t), t}}); });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(store_->hashGet("h", "n").size(), 50u);
}

// B13: the error does not say what is missing, nor which file is broken.
TEST_F(Defects, B13_ErrorsNameTheHashTheKeyAndTheFile) {
  makeHash("h", 3, 50);
  const std::string noKey = messageOf([&] { store_->hashGet("h", "nobody"); });
  EXPECT_NE(noKey.find("nobody"), std::string::npos) << noKey;
  const std::string noHash = messageOf([&] { store_->hashGet("nohash", "key1"); });
  EXPECT_NE(noHash.find("nohash"), std::string::npos) << noHash;
  damage("h/data.json", "{");
  const std::string broken = messageOf([&] { store_->hashGet("h", "key1"); });
  EXPECT_NE(broken.find("h/data.json"), std::string::npos) << broken;
}

// C2: a copy taken while the source is written to has a wrong length; a rename loses puts.
TEST_F(Defects, C2_ThreadsThatPutDoNotTearACopy) {
  makeHash("h", 20, 5);
  std::atomic<bool> done = false;
  std::thread writer([&] {
    for (int n = 0; !done; ++n) store_->hashPut("h", "new" + std::to_string(n % 100), n);
  });
  for (int n = 0; n < 15; ++n) {
    store_->hashCopy("h", "copy");
    EXPECT_EQ(store_->hashGetInfo("copy").length, store_->hashGetAll("copy").size());
  }
  done = true;
  writer.join();
}

// C4: writing to a hash from inside a loop over it waits for itself for ever.
TEST_F(Defects, C4_WritingInsideALoopDoesNotDeadlock) {
  makeHash("h", 20, 5);
  store_->hashEach("h", [&](const std::string& key, const Json&) {
    store_->hashPut("h", key, "seen");
    store_->hashUpdateMulti("h", Json::object());
  });
  EXPECT_EQ(store_->hashGet("h", "key7"), "seen");
}

// E2: `..` in a path leads out of the data directory.
TEST_F(Defects, E2_NoPathLeavesTheDirectory) {
  EXPECT_EQ(failureOf([&] { store_->hashPut("../escape", "k", 1); }), Code::InvalidArgument);
  EXPECT_EQ(failureOf([&] { store_->put("a/../../escape", 1); }), Code::InvalidArgument);
  EXPECT_EQ(failureOf([&] { store_->get("../data/h"); }), Code::InvalidArgument);
  EXPECT_FALSE(std::filesystem::exists(store_.dir().parent_path() / "escape.json"));
  EXPECT_EQ(visibleTree(store_.dir()), std::vector<std::string>{});
}

// E3: the hashes `a` and `a/data` share their files, as do hash `h` and binary record `h.json`.
TEST_F(Defects, E3_NoTwoRecordsShareAFile) {
  makeHash("a", 3);
  EXPECT_EQ(failureOf([&] { store_->hashCreate("a/data"); }), Code::Conflict);
  EXPECT_EQ(failureOf([&] { store_->put("a.json", 1); }), Code::InvalidArgument);
  makeHash("b/data", 3);
  EXPECT_EQ(failureOf([&] { store_->hashCreate("b"); }), Code::Conflict);
  expectSame(store_->hashGetAll("a"), numbered(3));
  expectSame(store_->hashGetAll("b/data"), numbered(3));
}

// E4: user records below `_temp` are removed by maintenance.
TEST_F(Defects, E4_RecordsOfAnyNameStay) {
  for (const char* path : {"_temp/x", "_transactions/y", "_cleanup/z"}) store_->put(path, 1);
  store_.reopen();
  for (const char* path : {"_temp/x", "_transactions/y", "_cleanup/z"})
    EXPECT_EQ(store_->get(path), 1) << path;
}

// E6: a put that fails leaves its temporary file.
TEST_F(Defects, E6_AFailedPutLeavesNoFile) {
  makeHash("h", 3);
  const auto before = visibleTree(store_.dir());
  EXPECT_EQ(failureOf([&] { store_->hashPut("h", "", 1); }), Code::InvalidArgument);
  EXPECT_EQ(failureOf([&] { store_->hashCreate("h/data/x"); }), Code::Conflict);
  EXPECT_EQ(visibleTree(store_.dir()), before);
}

// E7: a segment too long for a file name is an error of the system at the first write.
TEST_F(Defects, E7_ASegmentTooLongIsRefusedAtOnce) {
  const std::string longest(241, 's');
  EXPECT_EQ(failureOf([&] { store_->hashGet(longest, "k"); }), Code::InvalidArgument);
  EXPECT_NE(messageOf([&] { store_->hashCreate(longest); }).find("240"), std::string::npos);
}

// E9: integers beyond 2^53 are rounded, also those of other items in the page.
TEST_F(Defects, E9_IntegersAreNotRounded) {
  store_->hashPutText("h", "big", "12345678901234567890");
  store_->hashPutText("h", "bigger", R"({"n":123456789012345678901234567890})");
  store_->hashPut("h", "other", 1);
  store_.reopen();
  EXPECT_EQ(store_->hashGetText("h", "big"), "12345678901234567890");
  EXPECT_EQ(store_->hashGet("h", "big"), 12345678901234567890u);
  EXPECT_EQ(store_->hashGetText("h", "bigger"), R"({"n":123456789012345678901234567890})");
}

// P4: two stores on one directory in a process lose each other's puts.
TEST_F(Defects, P4_TwoStoragesDoNotLoseEachOthersPuts) {
  makeHash("h", 3);
  Storage other = Storage::open(rawFiles().config(store_.dir().string()));
  for (int i = 0; i < 20; ++i) {
    other.hashPut("h", "other" + std::to_string(i), i);
    store_->hashPut("h", "own" + std::to_string(i), i);
  }
  EXPECT_EQ(store_->hashGetInfo("h").length, 43u);
  EXPECT_EQ(other.hashGetInfo("h").length, 43u);
  EXPECT_EQ(store_->hashGet("h", "other19"), 19);
  EXPECT_EQ(other.hashGet("h", "own19"), 19);
}

}  // namespace
}  // namespace hexpage::testing
