// check(), repair(), layout(), files(), figures(), compact(): what they tell of a sound store.
#pragma once

#include <algorithm>
#include <hexpage/testing/contract/fixture.hpp>

namespace hexpage::testing {

TEST_P(Contract, CheckCountsWhatIsThere) {
  makeHash("users", manyItems(kManyItems));
  makeHash("empty");
  applyOne(PutRecord{"state", "1"});
  holds([&] {
    Report report;
    backend().check(report);
    EXPECT_TRUE(report.clean());
    EXPECT_EQ(report.hashes, 2u);
    EXPECT_EQ(report.records, 1u);
    EXPECT_EQ(report.items, kManyItems);
  });
}

TEST_P(Contract, CheckOfNothingIsClean) {
  holds([&] {
    Report report;
    backend().check(report);
    EXPECT_TRUE(report.findings.empty());
    EXPECT_EQ(report.hashes + report.records + report.items, 0u);
  });
}

TEST_P(Contract, RepairOfASoundStoreChangesNothing) {
  const Items many = manyItems(kManyItems);
  makeHash("users", many);
  applyOne(PutRecord{"state", "1"});
  backend().sync();
  const auto before = backend().files();
  for (const bool dryRun : {true, false}) {
    Report report;
    backend().repair(report, dryRun);
    EXPECT_TRUE(report.clean());
    EXPECT_EQ(backend().files(), before);
  }
  holds([&] {
    EXPECT_EQ(items("users"), many);
    EXPECT_EQ(backend().record("state"), "1");
  });
}

TEST_P(Contract, TheLayoutHasEveryItem) {
  makeHash("users", manyItems(kManyItems));
  holds([&] {
    const auto nodes = backend().layout("users");
    ASSERT_FALSE(nodes.empty());
    EXPECT_EQ(nodes.front().depth, 0u);
    std::uint64_t items = 0;
    for (const LayoutNode& node : nodes) {
      EXPECT_FALSE(node.name.empty());
      if (node.isIndex) {
        EXPECT_EQ(node.items, 0u) << node.name;
      }
      items += node.items;
    }
    EXPECT_EQ(items, kManyItems);
  });
}

TEST_P(Contract, TheLayoutGoesDownOneLevelAtATime) {
  makeHash("users", manyItems(kManyItems));
  const auto nodes = backend().layout("users");
  for (std::size_t n = 1; n < nodes.size(); ++n) {
    if (nodes[n].depth <= nodes[n - 1].depth) continue;
    EXPECT_EQ(nodes[n].depth, nodes[n - 1].depth + 1) << nodes[n].name;
    EXPECT_TRUE(nodes[n - 1].isIndex) << nodes[n - 1].name;
  }
}

TEST_P(Contract, CompactingChangesNothingThatCanBeRead) {
  Items many = manyItems(kManyItems);
  makeHash("users", many);
  makeHash("gone", many);
  applyOne(Drop{"gone"});
  for (auto& [key, text] : many) applyOne(Put{"users", key, text = "\"again\""});
  applyOne(PutRecord{"state", "1"});
  backend().compact([](std::uint64_t done, std::uint64_t total) { EXPECT_LE(done, total); });
  holds([&] {
    EXPECT_EQ(items("users"), many);
    EXPECT_FALSE(backend().info("gone"));
    EXPECT_EQ(backend().record("state"), "1");
  });
}

TEST_P(Contract, EveryFigureHasANameAndIsAtMostItsWhole) {
  makeHash("users", manyItems(kManyItems));
  holds([&] {
    for (const Figure& figure : backend().figures()) {
      EXPECT_FALSE(figure.name.empty());
      if (figure.whole != 0) {
        EXPECT_LE(figure.value, figure.whole) << figure.name;
      }
    }
  });
}

TEST_P(Contract, FilesAreSortedAndEachOnce) {
  makeHash("users", manyItems(kManyItems));
  makeHash("audit", manyItems(5));
  holds([&] {
    const auto files = backend().files();
    EXPECT_TRUE(std::is_sorted(files.begin(), files.end()));
    EXPECT_EQ(std::adjacent_find(files.begin(), files.end()), files.end());
  });
}

}  // namespace hexpage::testing
