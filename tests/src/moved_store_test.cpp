// A store whose directory is moved or deleted while it is open: its work goes on where the
// directory is now, and nothing comes to be at the old place.
#include <gtest/gtest.h>

#include "tests/support/files.hpp"
#include "tests/support/stores.hpp"

namespace hexpage::testing {
namespace {

namespace fs = std::filesystem;

class MovedStore : public ::testing::TestWithParam<StoreKind> {
 protected:
  Storage open(const fs::path& place) const { return Storage::open(GetParam().config(place)); }

  // Makes, changes, lists and removes hashes and pages.
  static void workOn(Storage& storage) {
    for (int n = 0; n < 30; ++n)
      storage.hashPut("new/users", std::to_string(n), n, {.create = {{"page_size", 5}}});
    storage.hashCopy("users", "copy");
    storage.hashRename("copy", "people");
    storage.hashDelete("users", "ann");
    storage.hashDeleteAll("mails", true);
    storage.put("settings", "dark");
    backup(storage, [](std::string_view) {});
    storage.sync();
  }

  static void expectWorkDone(Storage& storage) {
    EXPECT_EQ(storage.hashGetInfo("new/users").length, 30u);
    EXPECT_EQ(storage.hashGetInfo("people").length, 2u);
    EXPECT_EQ(storage.hashGet("people", "ann"), 1);
    EXPECT_EQ(storage.hashGetAll("users"), Json({{"bob", 2}}));
    EXPECT_EQ(storage.list().size(), 4u);
    EXPECT_EQ(storage.get("settings"), "dark");
    expectClean(storage.verify());
  }

  TempDir dir_;
  const fs::path before_ = dir_.path() / "data";
  const fs::path after_ = dir_.path() / "elsewhere";
};

TEST_P(MovedStore, GoesOnWhereItIsNow) {
  {
    Storage storage = open(before_);
    storage.hashPutMulti("users", {{"ann", 1}, {"bob", 2}});
    storage.hashPut("mails", "m", 1);
    fs::rename(before_, after_);
    workOn(storage);
    expectWorkDone(storage);
    EXPECT_FALSE(storage.verify().files == 0);
  }
  EXPECT_FALSE(fs::exists(before_));
  Storage storage = open(after_);
  expectWorkDone(storage);
}

TEST_P(MovedStore, LeavesAloneWhatIsAtItsOldPlace) {
  {
    Storage storage = open(before_);
    storage.hashPutMulti("users", {{"ann", 1}, {"bob", 2}});
    storage.hashPut("mails", "m", 1);
    storage.sync();
    fs::rename(before_, after_);
    writeFile(before_ / "users.json", "not of this store");
    workOn(storage);
    expectWorkDone(storage);
  }
  EXPECT_EQ(visibleFiles(before_),
            (std::map<std::string, std::string>{{"users.json", "not of this store"}}));
  EXPECT_FALSE(fs::exists(before_ / ".hexpage"));
}

TEST_P(MovedStore, OneThatIsDeletedStaysSo) {
  {
    Storage storage = open(before_);
    storage.hashPutMulti("users", {{"ann", 1}, {"bob", 2}});
    fs::remove_all(before_);
    for (int n = 0; n < 3; ++n) errorOf([&] { storage.hashPut("users", std::to_string(n), n); });
    errorOf([&] { storage.hashCreate("more"); });
    errorOf([&] { storage.list(); });
    errorOf([&] { storage.verify(); });
    errorOf([&] { storage.sync(); });
  }
  EXPECT_TRUE(fs::is_empty(dir_.path()));
}

INSTANTIATE_TEST_SUITE_P(Stores, MovedStore,
                         ::testing::Values(rawFiles(), md5Files(), bufferedFiles(), binaryStore()),
                         storeName);

}  // namespace
}  // namespace hexpage::testing
