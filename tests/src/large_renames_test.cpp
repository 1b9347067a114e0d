// Renames and copies of hashes of many pages in transactions.
#include <sys/stat.h>

#include "tests/support/stores.hpp"

namespace hexpage::testing {
namespace {

constexpr int kItems = 290;

// Some 350 pages and indexes, with the path in each item.
void fill(Storage& storage, const std::string& path) {
  Json records = Json::object();
  for (int n = 0; n < kItems; ++n) records[std::to_string(n)] = path;
  storage.hashPutMulti(path, records, {.create = {{"page_size", 1}}});
}

class LargeRenames : public HashApi {
 protected:
  void SetUp() override {
    fill(storage(), "live");
    fill(storage(), "next");
  }

  void expectAll(std::string_view path, std::string_view value, std::uint64_t length = kItems) {
    EXPECT_EQ(storage().hashGetInfo(path).length, length);
    std::size_t found = 0;
    storage().hashEach(path, [&](const std::string&, const Json& item) { found += item == value; });
    EXPECT_EQ(found, static_cast<std::size_t>(kItems)) << path;
  }
};

INSTANTIATE_TEST_SUITE_P(Stores, LargeRenames,
                         ::testing::Values(bufferedFiles(), md5Files(), binaryStore()), storeName);

TEST_P(LargeRenames, HappenBesideOtherChanges) {
  storage().transaction({"live", "old", "other"}, [](Transaction& tx) {
    tx.hashPut("other", "k", 1);
    tx.hashRename("live", "old");
  });
  holds([&] {
    expectAll("old", "live");
    EXPECT_EQ(storage().hashGet("other", "k"), 1);
    EXPECT_EQ(storage().list(), (std::vector<std::string>{"next", "old", "other"}));
  });
}

TEST_P(LargeRenames, PutOneInThePlaceOfAnother) {
  storage().hashPut("old", "k", 1);
  storage().transaction({"live", "next", "old"}, [](Transaction& tx) {
    tx.hashRename("live", "old");
    tx.hashRename("next", "live");
  });
  holds([&] {
    expectAll("old", "live");
    expectAll("live", "next");
    EXPECT_EQ(storage().list(), (std::vector<std::string>{"live", "old"}));
  });
}

TEST_P(LargeRenames, KeepWhatIsChangedBeforeAndAfter) {
  storage().transaction({"live", "next", "copy"}, [](Transaction& tx) {
    tx.hashPut("live", "before", 1);
    tx.hashCopy("live", "copy");
    tx.hashRename("live", "next");
    tx.hashPut("next", "after", 2);
    tx.hashPut("copy", "after", 3);
    tx.hashPut("live", "anew", 4);
  });
  holds([&] {
    expectAll("next", "live", kItems + 2);
    expectAll("copy", "live", kItems + 2);
    EXPECT_EQ(storage().hashGet("next", "after"), 2);
    EXPECT_EQ(storage().hashGet("copy", "after"), 3);
    EXPECT_EQ(storage().hashGetInfo("live").length, 1u);
  });
}

TEST_P(LargeRenames, AreUndoneByARollback) {
  {
    Transaction tx = storage().begin({"live", "old"});
    tx.hashRename("live", "old");
    tx.hashPut("old", "k", 1);
  }
  holds([&] {
    expectAll("live", "live");
    EXPECT_EQ(storage().list(), (std::vector<std::string>{"live", "next"}));
  });
}

ino_t inodeOf(const std::filesystem::path& file) {
  struct stat status {};
  EXPECT_EQ(::stat(file.c_str(), &status), 0) << file;
  return status.st_ino;
}

// A transaction with other changes wrote all pages anew, and had them in memory to do so.
TEST(LargeRenamesOfFiles, MoveThemInATransactionToo) {
  TestStore store(rawFiles());
  fill(*store, "live");
  const ino_t page = inodeOf(store.dir() / "live/data/0.json");
  store->transaction({"live", "old", "other"}, [](Transaction& tx) {
    tx.hashPut("other", "k", 1);
    tx.hashRename("live", "old");
  });
  EXPECT_EQ(inodeOf(store.dir() / "old/data/0.json"), page);
}

}  // namespace
}  // namespace hexpage::testing
