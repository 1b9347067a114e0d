// Kamailio's htable observed: locks of items, and how tables are defined.
#include <thread>

#include "tests/support/files.hpp"
#include "tests/support/htable_cases.hpp"

namespace hexpage::testing {
namespace {

// What another thread gets, while this one holds the item's lock.
template <class Call>
std::string beside(Storage& s, Call call) {
  const Lock held = s.lockItem("l", "k");
  std::string got;
  std::thread([&] { got = call(); }).join();
  return got;
}

std::vector<HtableCase> lockCases() {
  return {
      {"F01", "locked",
       [](Storage& s) {
         s.lockItem("l", "k").unlock();
         return std::string(s.lockItem("l", "k", Millis(0)).name().empty() ? "" : "locked");
       }},
      {"F02", "1 free",
       [](Storage& s) {
         {
           const Lock once = s.lockItem("l", "k");
           const Lock twice = s.lockItem("l", "k");
           s.hashPut("l", "k", 1);
         }
         std::string other = "held";
         std::thread([&] {
           other = refusedOr([&] {
             s.lockItem("l", "k", Millis(0));
             return std::string("free");
           });
         }).join();
         return shown(s.hashGet("l", "k")) + " " + other;
       }},
      {"F04", "locked",
       [](Storage& s) {
         return std::string(s.lockItem("zz", "k", Millis(0)).name().empty() ? "" : "locked");
       },
       true},
      {"F05", "5",
       [](Storage& s) {
         s.hashPut("l", "k", 5);
         return beside(s, [&] { return shown(s.hashGet("l", "k")); });
       },
       true},
      {"F05 lock", "LockTimeout",
       [](Storage& s) {
         return beside(
             s, [&] { return refusedOr([&] { return s.lockItem("l", "k", Millis(0)).name(); }); });
       },
       true},
      {"F07", "2",
       [](Storage& s) {
         s.hashPutMulti("l", {{"k", 5}, {"other", 1}});
         return beside(s, [&] { return std::to_string(s.hashGetAll("l").size()); });
       },
       true},
      {"F08", "1",
       [](Storage& s) {
         Lock lock = s.lockItem("l", "freekey");
         lock.unlock();
         lock.unlock();  // of nothing: nobody else's lock goes
         const Lock again = s.lockItem("l", "freekey");
         lock.unlock();
         std::string held = "0";
         std::thread([&] {
           held = refusedOr([&] { return s.lockItem("l", "freekey", Millis(0)).name(); }) ==
                          "LockTimeout"
                      ? "1"
                      : "0";
         }).join();
         return held;
       },
       true},
  };
}

struct HtableTables : HtableCases {};
INSTANTIATE_TEST_SUITE_P(Stores, HtableTables, ::testing::Values(inMemory(), rawFiles()),
                         storeName);

TEST_P(HtableTables, Locks) { runAll(lockCases(), listOfDifferences(HEXPAGE_SOURCE_DIR)); }

// --- definitions of tables: the config's "hashes" ---

Storage defining(const Json& hashes) {
  return Storage::open({{"backend", "memory"}, {"hashes", hashes}});
}

// J01 to J11: a size is no option here, for a hash grows by itself.
TEST(HtableDefinitions, ATableNeedsNoSize) {
  for (const Json& options : {Json::object(), Json{{"size", -1}}, Json{{"size", 32}}}) {
    Storage storage = defining({{"j", options}});
    for (int n = 0; n < 1000; ++n) storage.hashPut("j", "k" + std::to_string(n), n);
    EXPECT_EQ(storage.hashGetInfo("j").length, 1000u);
  }
}

TEST(HtableDefinitions, J13ADefinitionIsAnObject) {
  EXPECT_EQ(failureOf([] { defining({{"j", "size=4"}}); }), Code::InvalidArgument);
}

TEST(HtableDefinitions, J17TheInitialValueMayBeNegative) {
  Storage storage = defining({{"j", {{"initval", -9}}}});
  EXPECT_EQ(storage.hashIncrement("j", "k"), -8);
}

TEST(HtableDefinitions, J25J26WhatADatabaseDoesNotHaveIsRefused) {
  for (const char* member : {"coldelim", "reloadat"})
    EXPECT_EQ(
        failureOf([&] {
          Storage::checkConfig({{"backend", "memory"},
                                {"databases", {{"j", {{"url", "sqlite:///x"}, {member, 5}}}}}});
        }),
        Code::InvalidArgument);
}

TEST(HtableDefinitions, J28ATableIsDefinedOnce) {
  const TempDir dir;
  const std::string file = (dir.path() / "config.json").string();
  writeFile(file, R"({"backend":"memory","hashes":{"j":{},"j":{}}})");
  EXPECT_EQ(failureOf([&] { Storage::openFile(file); }), Code::InvalidArgument);
}

}  // namespace
}  // namespace hexpage::testing
