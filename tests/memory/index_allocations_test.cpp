// The index of the binary engine when memory is short in the midst of a change: the changes are
// made again from the log, and none that was made before is lost.
#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <memory>
#include <new>
#include <string>
#include <vector>

#include "binary/index.hpp"
#include "support/checksum.hpp"
#include "tests/memory/failing_allocations.hpp"
#include "tests/support/random.hpp"

namespace hexpage::kv {
namespace {

using hexpage::testing::FailingAllocations;
using hexpage::testing::Random;

class ListedKeys : public Keys {
 public:
  Address add(std::string key) {
    keys_.push_back(std::move(key));
    return keys_.size();
  }
  std::string_view keyAt(Address address) const override { return keys_.at(address - 1); }
  std::uint64_t hashOf(std::string_view key) const override { return checksum(key, 7); }

 private:
  std::deque<std::string> keys_;
};

struct Put {
  std::uint64_t tree;
  std::string key;
  Address address;
};

class IndexAllocations : public ::testing::Test {
 protected:
  // Of a few keys more than a page holds, in a few trees.
  std::vector<Put> somePuts() {
    std::vector<Put> puts(1 + random_.below(20));
    for (Put& put : puts) {
      put.tree = random_.oneIn(2) ? 0 : 1 + random_.below(600);
      put.key = "key " + std::to_string(random_.below(40'000));
      put.address = keys_.add(put.key);
    }
    return puts;
  }

  void apply(const std::vector<Put>& puts) {
    for (const Put& put : puts) index_->put(put.tree, keys_.hashOf(put.key), put.address);
  }

  // Whether an allocation failed.
  bool applyWithout(std::size_t nth, const std::vector<Put>& puts) {
    FailingAllocations failing(
        nth, random_.oneIn(3) ? FailingAllocations::Then::All : FailingAllocations::Then::None);
    try {
      apply(puts);
    } catch (const std::bad_alloc&) {
      failing.end();
      return true;
    }
    return failing.end();
  }

  void expectAll() const {
    const EpochGuard guard;
    std::map<std::uint64_t, std::uint64_t> records;
    for (const auto& [place, address] : model_) {
      const auto& [tree, key] = place;
      ASSERT_EQ(index_->find(tree, keys_.hashOf(key), key), address) << tree << ", " << key;
      ++records[tree];
    }
    for (const auto& [tree, count] : records) {
      ASSERT_EQ(index_->records(index_->roots(), tree), count) << tree;
      ASSERT_EQ(index_->addresses(index_->roots(), tree).size(), count) << tree;
    }
  }

  const std::uint64_t seed_ = hexpage::testing::chosenSeed();
  const ::testing::ScopedTrace trace_{__FILE__, __LINE__, "HEXPAGE_SEED=" + std::to_string(seed_)};
  Random random_{seed_};
  ListedKeys keys_;
  Reclaimer reclaimer_;
  std::unique_ptr<Index> index_ = std::make_unique<Index>(keys_, reclaimer_);
  std::map<std::pair<std::uint64_t, std::string>, Address> model_;
};

// A node that a copy could not be hung in the place of was freed all the same; a page whose second
// half could not be made stayed beside the first, and what was put into that was lost later.
TEST_F(IndexAllocations, AChangeThatWasCutShortIsMadeAgain) {
  std::size_t failures = 0;
  for (int round = 0; round < 10'000; ++round) {
    std::shared_ptr<const Index::Snapshot> snapshot;
    if (random_.oneIn(3)) snapshot = index_->snapshot();
    const std::vector<Put> puts = somePuts();
    if (applyWithout(1 + random_.below(6), puts)) ++failures;
    apply(puts);
    for (const Put& put : puts) model_[{put.tree, put.key}] = put.address;
    if (round % 500 == 0) expectAll();
    if (HasFailure()) return;
    reclaimer_.collect();
  }
  expectAll();
  EXPECT_GT(failures, 100u) << "too few were tried";
}

TEST_F(IndexAllocations, ASnapshotThatCouldNotBeTakenPinsNothing) {
  for (std::size_t nth = 1; nth < 10; ++nth) {
    FailingAllocations failing(nth);
    try {
      index_->snapshot();
      if (!failing.end()) break;
    } catch (const std::bad_alloc&) {
      failing.end();
    }
    bool isFreed = false;
    reclaimer_.retire([&isFreed] { isFreed = true; });
    reclaimer_.collect();
    EXPECT_TRUE(isFreed) << nth;
  }
}

}  // namespace
}  // namespace hexpage::kv
