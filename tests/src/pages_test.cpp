// How pages split and gather on disk: no page over its size, no file too many, no flapping.
#include <hexpage/testing/contract/odd_keys.hpp>

#include "tests/support/files.hpp"
#include "tests/support/stores.hpp"

namespace hexpage::testing {
namespace {

class Pages : public ::testing::Test {
 protected:
  void TearDown() override {
    store_.reopen();
    expectClean(store_->verify());
  }

  void put(int first, int last) {
    Json records = Json::object();
    for (int n = first; n <= last; ++n) records["key" + std::to_string(n)] = n;
    store_->hashPutMulti("h", records, {.create = {{"page_size", 10}}});
  }
  void erase(int n) { store_->hashDelete("h", "key" + std::to_string(n)); }

  std::size_t files() {
    store_->sync();
    return visibleFiles(store_.dir()).size();
  }

  std::vector<std::string> tree() {
    store_->sync();
    return visibleTree(store_.dir());
  }

  std::size_t depth() {
    std::size_t deepest = 0;
    for (const LayoutNode& node : store_->layout("h")) deepest = std::max(deepest, node.depth);
    return deepest;
  }

  void expectNoPageOver(std::uint64_t size) {
    for (const LayoutNode& node : store_->layout("h")) EXPECT_LE(node.items, size) << node.name;
  }

  TestStore store_{rawFiles()};
  const std::vector<std::string> onePage_{"h.json", "h/", "h/data.json"};
};

TEST_F(Pages, ABatchSplitsAllTheWayDown) {
  put(1, 1000);
  expectNoPageOver(10);
  EXPECT_EQ(store_->hashGetInfo("h").length, 1000u);
}

TEST_F(Pages, SinglePutsSplitAllTheWayDown) {
  for (int n = 0; n < 300; ++n) put(n, n);
  expectNoPageOver(10);
}

// Both ways of filling a hash end in the same files.
TEST_F(Pages, TheTreeDoesNotDependOnTheBatches) {
  put(0, 299);
  const auto atOnce = tree();
  store_->hashDeleteAll("h", true);
  for (int n = 0; n < 300; ++n) put(n, n);
  EXPECT_EQ(tree(), atOnce);
}

TEST_F(Pages, EveryIndexHasPages) {
  put(0, 999);
  const auto nodes = store_->layout("h");
  for (std::size_t n = 0; n < nodes.size(); ++n) {
    if (!nodes[n].isIndex) {
      EXPECT_GT(nodes[n].items, 0u) << nodes[n].name;
    }
    if (nodes[n].isIndex) {
      ASSERT_LT(n + 1, nodes.size());
      EXPECT_EQ(nodes[n + 1].depth, nodes[n].depth + 1);
    }
  }
}

TEST_F(Pages, AnEmptiedChildLeavesNoFile) {
  put(0, 10);
  ASSERT_TRUE(std::filesystem::exists(store_.dir() / "h/data/0.json"));  // key9 alone
  store_->hashPut("h", "key11", 11);
  erase(9);
  store_->sync();
  EXPECT_FALSE(std::filesystem::exists(store_.dir() / "h/data/0.json"));
}

TEST_F(Pages, FewItemsAreGatheredIntoTheParent) {
  put(0, 10);
  for (int n = 0; n < 9; ++n) erase(n);
  EXPECT_EQ(tree(), onePage_);
  EXPECT_EQ(store_->hashGetAll("h").size(), 2u);
}

TEST_F(Pages, GatheringCascadesUpward) {
  put(0, 999);
  ASSERT_GE(depth(), 2u);
  for (int n = 0; n < 997; ++n) erase(n);
  EXPECT_EQ(tree(), onePage_);
  EXPECT_EQ(store_->hashGetAll("h"), (Json{{"key997", 997}, {"key998", 998}, {"key999", 999}}));
}

TEST_F(Pages, OneBatchOfDeletesGathersAllTheWayUp) {
  put(0, 999);
  std::vector<std::string> keys;
  for (int n = 0; n < 998; ++n) keys.push_back("key" + std::to_string(n));
  EXPECT_EQ(store_->hashDeleteMulti("h", keys), 998u);
  EXPECT_EQ(tree(), onePage_);
}

// An item that comes and goes at the edge of a split does not rebuild the tree each time.
TEST_F(Pages, TheEdgeOfASplitDoesNotFlap) {
  put(0, 10);
  const auto split = tree();
  for (int n = 0; n < 6; ++n) {
    erase(10);
    EXPECT_TRUE(std::filesystem::exists(store_.dir() / "h/data")) << "gathered at the edge";
    put(10, 10);
    EXPECT_EQ(tree(), split);
  }
}

TEST_F(Pages, TheEdgeOfAGatherDoesNotFlap) {
  put(0, 10);
  int left = 11;
  while (tree() != onePage_) erase(--left);
  ASSERT_GT(left, 0);
  for (int n = 0; n < 6; ++n) {
    put(left, left);
    EXPECT_EQ(tree(), onePage_) << "split at the edge";
    erase(left);
    EXPECT_EQ(tree(), onePage_);
  }
}

TEST_F(Pages, NoEmptyDirectoryStays) {
  put(0, 999);
  store_->hashDeleteAll("h");
  EXPECT_EQ(tree(), onePage_);
  store_->hashDeleteAll("h", true);
  EXPECT_EQ(tree(), std::vector<std::string>{});
}

TEST_F(Pages, DirectoriesAboveGoWithTheLastRecord) {
  store_->hashPut("a/b/c", "k", 1);
  store_->put("a/d", 1);
  store_->hashDeleteAll("a/b/c", true);
  EXPECT_EQ(tree(), (std::vector<std::string>{"a/", "a/d.json"}));
  store_->erase("a/d");
  EXPECT_EQ(tree(), std::vector<std::string>{});
}

TEST_F(Pages, TheMd5LayoutKeepsNoFileToo) {
  TestStore store(md5Files());
  Json records = Json::object();
  for (int n = 0; n < 300; ++n) records["key" + std::to_string(n)] = n;
  store->hashPutMulti("h", records, {.create = {{"page_size", 4}}});
  store->hashDeleteAll("h", true);
  store->sync();
  EXPECT_EQ(visibleTree(store.dir()), std::vector<std::string>{});
}

TEST_F(Pages, AChangedPageSizeChangesTheTree) {
  put(0, 299);
  store_->hashSetPageSize("h", 1000);
  EXPECT_EQ(tree(), onePage_);
  store_->hashSetPageSize("h", 3);
  expectNoPageOver(3);
  store_->hashSetPageSize("h", 10);
  expectNoPageOver(10);
}

// Whatever its count: more than 1 MiB of text splits.
TEST_F(Pages, APageOfMoreThanAMebibyteSplits) {
  store_->hashCreate("h", {{"page_size", 1000}});
  const std::string large(100'000, 'x');
  for (int n = 0; n < 30; ++n) store_->hashPut("h", "key" + std::to_string(n), large);
  store_->sync();
  EXPECT_TRUE(store_->layout("h").front().isIndex);
  for (const auto& [file, text] : visibleFiles(store_.dir()))
    EXPECT_LE(text.size(), std::size_t{1} << 20) << file;
}

TEST_F(Pages, OneLargeItemIsAPageByItself) {
  store_->hashCreate("h", {{"page_size", 1000}});
  const std::string large(3 << 20, 'x');
  store_->hashPut("h", "large", large);
  for (int n = 0; n < 20; ++n) store_->hashPut("h", "key" + std::to_string(n), n);
  EXPECT_EQ(store_->hashGetInfo("h").length, 21u);
  EXPECT_TRUE(store_->hashGet("h", "large") == large);
  store_->hashDelete("h", "large");
  EXPECT_EQ(store_->hashGetAll("h").size(), 20u);
}

TEST_F(Pages, KeysOfOneDigestShareAPage) {
  store_->hashCreate("h", {{"page_size", 1}});
  store_->hashPut("h", kCollisionA, 1);
  store_->hashPut("h", kCollisionB, 2);
  EXPECT_LE(depth(), 32u);
  EXPECT_EQ(store_->hashGetAll("h").size(), 2u);
  store_->hashDelete("h", kCollisionA);
  EXPECT_EQ(tree(), onePage_);
}

}  // namespace
}  // namespace hexpage::testing
