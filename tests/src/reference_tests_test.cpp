// What pixl-server-storage 4.2.2 tests of its hashes and records (its test-hash.js and
// test-main.js), in intent; the numbers are those of its tests in their order. Pages are looked at
// on disk.
#include <set>
#include <thread>

#include "tests/support/files.hpp"
#include "tests/support/stores.hpp"

namespace hexpage::testing {
namespace {

class ReferenceTests : public ::testing::Test {
 protected:
  void TearDown() override { expectClean(store_->verify()); }

  Json file(const std::string& name) { return Json::parse(readFile(store_.dir() / name)); }
  bool exists(const std::string& name) { return std::filesystem::exists(store_.dir() / name); }

  // key<first> to key<last>, "Value N000" under each.
  static Json values(int first, int last) {
    Json values = Json::object();
    for (int n = first; n <= last; ++n)
      values["key" + std::to_string(n)] = "Value " + std::to_string(n) + "000";
    return values;
  }

  void makeHash1() {
    store_->hashCreate("hash1", {{"page_size", 10}});
    store_->hashPutMulti("hash1", values(0, 9));
    store_->hashPut("hash1", "key10", "Value 10000");
  }

  static void expectSame(const Json& actual, const Json& expected) {
    EXPECT_EQ(nlohmann::json(actual), nlohmann::json(expected));
  }

  TestStore store_{rawFiles()};
};

// 1, 2: create, and everything of the empty hash.
TEST_F(ReferenceTests, ANewHashIsEmpty) {
  EXPECT_EQ(store_->hashCreate("hash1", {{"page_size", 10}}).pageSize, 10u);
  EXPECT_EQ(store_->hashGetAll("hash1"), Json::object());
  EXPECT_EQ(file("hash1.json"), (Json{{"page_size", 10}, {"length", 0}, {"type", "hash"}}));
  EXPECT_EQ(readFile(store_.dir() / "hash1/data.json"),
            R"({"type":"hash_page","length":0,"items":{}})");
}

// 3, 4, 5: put, update, get; the header and the page of one item.
TEST_F(ReferenceTests, AnUpdateIsMerged) {
  store_->hashCreate("hash1", {{"page_size", 10}});
  store_->hashPut("hash1", "key1", {{"foo", "hello"}, {"number", 122}});
  store_->hashUpdate("hash1", "key1", {{"number", 123}});
  EXPECT_EQ(store_->hashGet("hash1", "key1"), (Json{{"foo", "hello"}, {"number", 123}}));
  EXPECT_EQ(file("hash1.json"), (Json{{"page_size", 10}, {"length", 1}, {"type", "hash"}}));
  EXPECT_EQ(readFile(store_.dir() / "hash1/data.json"),
            R"({"type":"hash_page","length":1,"items":{"key1":{"foo":"hello","number":123}}})");
}

// 6: the page of a hash without items stays.
TEST_F(ReferenceTests, TheLastDeleteLeavesAnEmptyPage) {
  store_->hashPut("hash1", "key1", 1, {.create = {{"page_size", 10}}});
  store_->hashDelete("hash1", "key1");
  EXPECT_EQ(file("hash1.json")["length"], 0);
  EXPECT_EQ(readFile(store_.dir() / "hash1/data.json"),
            R"({"type":"hash_page","length":0,"items":{}})");
}

// 7: ten items fill a page of ten.
TEST_F(ReferenceTests, AFullPageIsNotSplit) {
  store_->hashCreate("hash1", {{"page_size", 10}});
  store_->hashPutMulti("hash1", values(0, 9));
  EXPECT_EQ(file("hash1.json")["length"], 10);
  EXPECT_EQ(file("hash1/data.json")["type"], "hash_page");
  EXPECT_EQ(file("hash1/data.json")["length"], 10);
  EXPECT_EQ(file("hash1/data.json")["items"].size(), 10u);
}

// 8: the eleventh splits it; key9 is alone below 0.
TEST_F(ReferenceTests, OneMoreSplitsThePage) {
  makeHash1();
  EXPECT_EQ(file("hash1.json")["length"], 11);
  EXPECT_EQ(readFile(store_.dir() / "hash1/data.json"), R"({"type":"hash_index"})");
  EXPECT_EQ(readFile(store_.dir() / "hash1/data/0.json"),
            R"({"type":"hash_page","length":1,"items":{"key9":"Value 9000"}})");
}

// 9, 10: several and all.
TEST_F(ReferenceTests, SeveralAndAllAreRead) {
  makeHash1();
  const std::vector<std::optional<Json>> expected{"Value 1000", "Value 3000", "Value 5000",
                                                  "Value 7000", "Value 9000"};
  EXPECT_EQ(store_->hashGetMulti("hash1", {"key1", "key3", "key5", "key7", "key9"}), expected);
  expectSame(store_->hashGetAll("hash1"), values(0, 10));
}

// 11, 13: iteration sees everything once.
TEST_F(ReferenceTests, EachSeesAll) {
  makeHash1();
  Json seen = Json::object();
  store_->hashEach("hash1", [&](const std::string& key, const Json& value) {
    EXPECT_FALSE(seen.contains(key));
    seen[key] = value;
  });
  expectSame(seen, values(0, 10));
}

// 12: an error at the fifth ends it and is the caller's.
TEST_F(ReferenceTests, EachEndsWithTheVisitorsError) {
  makeHash1();
  int seen = 0;
  try {
    store_->hashEach("hash1", [&](const std::string&, const Json&) {
      if (++seen == 5) throw std::runtime_error("test abort");
    });
    FAIL() << "the error was lost";
  } catch (const std::runtime_error& e) {
    EXPECT_STREQ(e.what(), "test abort");
  }
  EXPECT_EQ(seen, 5);
}

// 14: false at the fifth ends it; that is no error here.
TEST_F(ReferenceTests, EachEndsAtFalse) {
  makeHash1();
  int seen = 0;
  store_->hashEach("hash1", [&](const std::string&, const Json&) { return ++seen < 5; });
  EXPECT_EQ(seen, 5);
}

// 15: pages are not empty, and no key is in two.
TEST_F(ReferenceTests, EachPageSeesAll) {
  makeHash1();
  Json seen = Json::object();
  store_->hashEachPage("hash1", [&](const Json& items) {
    EXPECT_FALSE(items.empty());
    for (const auto& [key, value] : items.items()) {
      EXPECT_FALSE(seen.contains(key));
      seen[key] = value;
    }
  });
  expectSame(seen, values(0, 10));
}

// 16, 17: copy, and rename of the copy.
TEST_F(ReferenceTests, ACopyIsRenamed) {
  makeHash1();
  store_->hashCopy("hash1", "hash1copy");
  expectSame(store_->hashGetAll("hash1copy"), values(0, 10));
  store_->hashRename("hash1copy", "hash1renamed");
  expectSame(store_->hashGetAll("hash1renamed"), values(0, 10));
  EXPECT_FALSE(exists("hash1copy.json"));
  EXPECT_FALSE(exists("hash1copy"));
}

// 18: the five odd keys go, the even ones come in order.
TEST_F(ReferenceTests, SeveralAreDeleted) {
  makeHash1();
  EXPECT_EQ(store_->hashDeleteMulti("hash1", {"key1", "key3", "key5", "key7", "key9"}), 5u);
  EXPECT_EQ(store_->hashGetMulti("hash1", {"key1", "key9"}), (std::vector<std::optional<Json>>(2)));
  const std::vector<std::optional<Json>> expected{"Value 0000", "Value 2000", "Value 4000",
                                                  "Value 6000", "Value 8000", "Value 10000"};
  EXPECT_EQ(store_->hashGetMulti("hash1", {"key0", "key2", "key4", "key6", "key8", "key10"}),
            expected);
}

// 19: nothing of the hash stays.
TEST_F(ReferenceTests, AnEntireDeleteAllLeavesNothing) {
  makeHash1();
  store_->hashDeleteAll("hash1", true);
  EXPECT_EQ(visibleTree(store_.dir()), std::vector<std::string>{});
}

// 20, 21: two levels; key101 is alone below 0/3.
TEST_F(ReferenceTests, ALargerHashHasTwoLevels) {
  store_->hashCreate("hash2", {{"page_size", 10}});
  store_->hashPutMulti("hash2", values(0, 149));
  EXPECT_EQ(file("hash2.json")["length"], 150);
  EXPECT_EQ(file("hash2/data.json"), (Json{{"type", "hash_index"}}));
  EXPECT_EQ(file("hash2/data/0.json"), (Json{{"type", "hash_index"}}));
  EXPECT_EQ(readFile(store_.dir() / "hash2/data/0/3.json"),
            R"({"type":"hash_page","length":1,"items":{"key101":"Value 101000"}})");
  expectSame(store_->hashGetAll("hash2"), values(0, 149));
}

// 22: and none is left of them.
TEST_F(ReferenceTests, AnEntireDeleteAllOfTwoLevelsLeavesNothing) {
  store_->hashPutMulti("hash2", values(0, 149), {.create = {{"page_size", 10}}});
  store_->hashDeleteAll("hash2", true);
  EXPECT_EQ(visibleTree(store_.dir()), std::vector<std::string>{});
}

// 23, 24: the reference keeps the index over one item; here the item is gathered into the root.
TEST_F(ReferenceTests, TheLastItemIsGathered) {
  store_->hashPutMulti("hash3", values(0, 10), {.create = {{"page_size", 10}}});
  for (int n = 0; n < 10; ++n) store_->hashDelete("hash3", "key" + std::to_string(n));
  EXPECT_EQ(file("hash3.json")["length"], 1);
  EXPECT_EQ(readFile(store_.dir() / "hash3/data.json"),
            R"({"type":"hash_page","length":1,"items":{"key10":"Value 10000"}})");
  EXPECT_FALSE(exists("hash3/data"));
}

// 25: the last delete leaves one empty page.
TEST_F(ReferenceTests, WithoutItemsTheRootIsAPageAgain) {
  store_->hashPutMulti("hash3", values(0, 10), {.create = {{"page_size", 10}}});
  for (int n = 0; n <= 10; ++n) store_->hashDelete("hash3", "key" + std::to_string(n));
  EXPECT_EQ(file("hash3.json")["length"], 0);
  EXPECT_EQ(readFile(store_.dir() / "hash3/data.json"),
            R"({"type":"hash_page","length":0,"items":{}})");
  EXPECT_EQ(visibleTree(store_.dir()),
            (std::vector<std::string>{"hash3.json", "hash3/", "hash3/data.json"}));
}

// 26 to 34: names of Object.prototype are keys like any other. `__proto__` is not among the
// reference's own, which loses it.
TEST_F(ReferenceTests, PrototypeNamesAreKeys) {
  const std::vector<std::string> names{"constructor",    "__defineGetter__",     "__defineSetter__",
                                       "hasOwnProperty", "__lookupGetter__",     "__lookupSetter__",
                                       "isPrototypeOf",  "propertyIsEnumerable", "toString",
                                       "valueOf",        "toLocaleString",       "__proto__"};
  store_->hashCreate("hashbad", {{"page_size", 10}});
  store_->hashPut("hashbad", "control", 1);
  for (const auto& name : names) EXPECT_EQ(store_->hashFind("hashbad", name), std::nullopt);
  for (const auto& name : names) store_->hashPut("hashbad", name, 42);
  for (const auto& name : names) EXPECT_EQ(store_->hashGet("hashbad", name), 42);
  std::set<std::string> seen;
  store_->hashEach("hashbad", [&](const std::string& key, const Json&) { seen.insert(key); });
  EXPECT_EQ(seen.size(), names.size() + 1);
  EXPECT_EQ(store_->hashGetAll("hashbad").size(), names.size() + 1);
  EXPECT_EQ(store_->hashDeleteMulti("hashbad", names), names.size());
  EXPECT_EQ(store_->hashGetAll("hashbad"), (Json{{"control", 1}}));
  store_->hashDeleteAll("hashbad", true);
  EXPECT_EQ(visibleTree(store_.dir()), std::vector<std::string>{});
}

// Core 1, 2, 6, 7: a record is stored, read and replaced; a missing one is an error.
TEST_F(ReferenceTests, ARecordIsPutAndReplaced) {
  store_->put("test1", {{"foo", "bar"}});
  EXPECT_EQ(store_->get("test1"), (Json{{"foo", "bar"}}));
  EXPECT_EQ(failureOf([&] { store_->get("test-missing"); }), Code::NoSuchKey);
  store_->put("test1", {{"foo", "baz"}});
  EXPECT_EQ(store_->get("test1"), (Json{{"foo", "baz"}}));
}

// Core 8, 9, 10: copy, rename, delete.
TEST_F(ReferenceTests, ARecordIsCopiedRenamedAndErased) {
  store_->put("test1", {{"foo", "bar"}});
  store_->copy("test1", "test2");
  EXPECT_EQ(store_->get("test1"), store_->get("test2"));
  store_->rename("test2", "test3");
  EXPECT_FALSE(store_->has("test2"));
  EXPECT_EQ(store_->get("test3"), (Json{{"foo", "bar"}}));
  EXPECT_TRUE(store_->erase("test3"));
  EXPECT_FALSE(store_->has("test3"));
}

// Core 11: what ten do to one counter at once is done ten times. (12, locks shared and exclusive,
// is in the contract suite.)
TEST_F(ReferenceTests, ThreadsUpdateOneItemWithoutLoss) {
  store_->hashPut("hash1", "counts", Json::object());
  std::vector<std::thread> threads;
  for (int n = 0; n < 10; ++n)
    threads.emplace_back([&, n] {
      store_->hashUpdate("hash1", "counts", {{"member" + std::to_string(n), n}});
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(store_->hashGet("hash1", "counts").size(), 10u);
}

// Core 13: an odd spelling is the same record.
TEST_F(ReferenceTests, PathsAreNormalised) {
  store_->put(" / // HELLO-KEY @#$%^&*()+ / TEST / ", {{"foo", 1}});
  EXPECT_EQ(store_->get("hello-key/test"), (Json{{"foo", 1}}));
}

// Core 20 to 24: several records. There is no call for it; a missing one does not stop the others.
TEST_F(ReferenceTests, SeveralRecordsArePutAndErased) {
  for (const char* path : {"multi1", "multi2", "multi3"}) store_->put(path, {{"name", path}});
  EXPECT_EQ(store_->list("multi"), (std::vector<std::string>{"multi1", "multi2", "multi3"}));
  int erased = 0;
  for (const char* path : {"multi1", "nobody", "multi2", "multi3"}) erased += store_->erase(path);
  EXPECT_EQ(erased, 3);
  EXPECT_EQ(visibleTree(store_.dir()), std::vector<std::string>{});
}

}  // namespace
}  // namespace hexpage::testing
