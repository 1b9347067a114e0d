// The binary engine's index alone, over keys that a table holds.
#include <gtest/gtest.h>

#include <deque>
#include <hexpage/error.hpp>
#include <map>
#include <set>

#include "binary/index.hpp"
#include "support/checksum.hpp"
#include "tests/support/random.hpp"

namespace hexpage::kv {
namespace {

// Gives each record that was ever put an address.
class TableKeys : public Keys {
 public:
  Address add(const std::string& key) {
    keys_.push_back(key);
    return keys_.size();
  }
  std::string_view keyAt(Address address) const override {
    if (damaged.contains(address)) throw Error(Code::Corrupt, "damaged");
    return keys_.at(address - 1);
  }
  std::uint64_t hashOf(std::string_view key) const override { return checksum(key, 7) & mask; }

  std::uint64_t mask = ~std::uint64_t{0};  // fewer bits make more collisions
  std::set<Address> damaged;

 private:
  std::deque<std::string> keys_;
};

struct BinaryIndex : ::testing::Test {
  Address put(const std::string& key, std::uint64_t tree = 0) {
    const Address address = keys.add(key);
    index.put(tree, keys.hashOf(key), address);
    return address;
  }
  Address erase(const std::string& key, std::uint64_t tree = 0) {
    return index.erase(tree, keys.hashOf(key), key);
  }
  Address find(const std::string& key, std::uint64_t tree = 0) {
    return index.find(tree, keys.hashOf(key), key);
  }
  std::set<Address> all(const Roots& roots, std::uint64_t tree = 0) {
    const std::vector<Address> found = index.addresses(roots, tree);
    return {found.begin(), found.end()};
  }

  TableKeys keys;
  Reclaimer reclaimer;
  Index index{keys, reclaimer};
};

TEST_F(BinaryIndex, FindsWhatWasPut) {
  EXPECT_EQ(find("a"), 0u);
  const Address a = put("a");
  EXPECT_EQ(find("a"), a);
  EXPECT_EQ(find("b"), 0u);
}

TEST_F(BinaryIndex, PutOfAKeyThatIsThereReplaces) {
  const Address first = put("a");
  const Address second = keys.add("a");
  EXPECT_EQ(index.put(0, keys.hashOf("a"), second), first);
  EXPECT_EQ(find("a"), second);
  EXPECT_EQ(index.records(index.roots(), 0), 1u);
}

TEST_F(BinaryIndex, EraseTellsWhatWasThere) {
  const Address a = put("a");
  EXPECT_EQ(erase("b"), 0u);
  EXPECT_EQ(erase("a"), a);
  EXPECT_EQ(erase("a"), 0u);
  EXPECT_EQ(find("a"), 0u);
}

TEST_F(BinaryIndex, KeysOfOneHashAreTwo) {
  keys.mask = 0;
  const Address a = put("a"), b = put("b");
  EXPECT_EQ(find("a"), a);
  EXPECT_EQ(find("b"), b);
  EXPECT_EQ(find("c"), 0u);
}

TEST_F(BinaryIndex, KeepsEveryKeyWhenPagesSplit) {
  std::map<std::string, Address> put_;
  for (int i = 0; i < 60'000; ++i) {
    const std::string key = "key" + std::to_string(i);
    put_[key] = put(key);
  }
  EXPECT_EQ(index.records(index.roots(), 0), put_.size());
  for (const auto& [key, address] : put_) ASSERT_EQ(find(key), address) << key;
  EXPECT_EQ(all(index.roots()).size(), put_.size());
  EXPECT_LE(index.pageBytes(), put_.size() * 20);
}

// Tags have few bits below the directory's, so deep tables must read keys again.
TEST_F(BinaryIndex, KeepsEveryKeyWhenTagsAreUsedUp) {
  keys.mask = ~std::uint64_t{0} >> 52 | std::uint64_t{0xFF} << 44;  // a deep, narrow table
  std::map<std::string, Address> put_;
  for (int i = 0; i < 5'000; ++i) {
    const std::string key = "key" + std::to_string(i);
    put_[key] = put(key);
  }
  for (const auto& [key, address] : put_) ASSERT_EQ(find(key), address) << key;
}

// Went wrong: a page with a damaged record that had to be split could not, so nothing was written
// to it any more.
TEST_F(BinaryIndex, SplitsBesideDamagedRecordsWithoutLosingThem) {
  keys.mask = ~std::uint64_t{0} >> 52 | std::uint64_t{0xFF} << 44;  // a deep, narrow table
  std::map<std::string, Address> put_, damaged;
  for (int i = 0; i < 9'000; ++i) {
    const std::string key = "key" + std::to_string(i);
    const Address address = put_[key] = put(key);
    if (i >= 200 || i % 40 != 0) continue;
    keys.damaged.insert(address);
    damaged[key] = address;
    put_.erase(key);
  }
  for (const auto& [key, address] : put_) ASSERT_EQ(find(key), address) << key;
  for (const auto& [key, address] : damaged) {
    EXPECT_THROW(find(key), Error) << key;
    EXPECT_TRUE(index.points(0, keys.hashOf(key), address)) << key;
  }
  EXPECT_EQ(index.records(index.roots(), 0), put_.size() + damaged.size());
  int corrupt = 0;
  for (int i = 0; i < 2'000; ++i) {
    try {
      EXPECT_EQ(find("other" + std::to_string(i)), 0u);
    } catch (const Error&) {
      ++corrupt;
    }
  }
  EXPECT_LT(corrupt, 20) << "keys that are not there";

  keys.damaged.clear();  // so that they can be compared
  for (const auto& [key, address] : damaged) EXPECT_EQ(find(key), address) << key;
}

TEST_F(BinaryIndex, IsCorruptWhenAPageHasLittleButDamagedRecords) {
  keys.mask = ~std::uint64_t{0} >> 52 | std::uint64_t{0xFF} << 44;
  const auto damageAll = [&] {
    for (int i = 0; i < 20'000; ++i) keys.damaged.insert(put("key" + std::to_string(i)));
  };
  EXPECT_THROW(damageAll(), Error);
}

TEST_F(BinaryIndex, ReservedTableHoldsTheSame) {
  index.reserve(0, 30'000);
  std::map<std::string, Address> put_;
  for (int i = 0; i < 45'000; ++i) {
    const std::string key = "key" + std::to_string(i);
    put_[key] = put(key);
  }
  for (const auto& [key, address] : put_) ASSERT_EQ(find(key), address) << key;
}

TEST_F(BinaryIndex, TreesAreApart) {
  const Address zero = put("a"), one = put("a", 1), far = put("a", 1'000'000'007);
  EXPECT_EQ(find("a"), zero);
  EXPECT_EQ(find("a", 1), one);
  EXPECT_EQ(find("a", 1'000'000'007), far);
  EXPECT_EQ(find("a", 2), 0u);
  std::set<std::uint64_t> trees;
  index.forEachTree(index.roots(), [&](Directory& directory) { trees.insert(directory.tree); });
  EXPECT_EQ(trees, (std::set<std::uint64_t>{0, 1, 1'000'000'007}));
}

TEST_F(BinaryIndex, ATreeThatIsTakenStillHasWhatItHad) {
  std::set<Address> had, seen;
  for (int i = 0; i < 2'000; ++i) had.insert(put(std::to_string(i), 5));
  const Address other = put("a", 6);
  Directory* const taken = index.take(5);
  EXPECT_EQ(find("1", 5), 0u);
  EXPECT_EQ(find("a", 6), other);
  EXPECT_EQ(index.take(5), nullptr);
  EXPECT_EQ(taken->records, had.size());
  for (std::size_t i = 0; i < taken->size(); i = taken->runEnd(i))
    for (const Slot slot : index.page(*taken, i)->all()) seen.insert(addressIn(slot));
  EXPECT_EQ(seen, had);
  index.retire(*taken);
}

TEST_F(BinaryIndex, MovesOnlyWhatIsStillThere) {
  const Address old = put("a");
  const Address copy = keys.add("a"), newer = keys.add("a");
  EXPECT_TRUE(index.move(0, keys.hashOf("a"), old, copy));
  EXPECT_EQ(find("a"), copy);
  EXPECT_FALSE(index.move(0, keys.hashOf("a"), old, newer));
  EXPECT_EQ(find("a"), copy);
}

TEST_F(BinaryIndex, SmallTreesCostLittle) {
  for (std::uint64_t tree = 1; tree <= 1'000; ++tree) put("a", tree);
  EXPECT_LE(index.pageBytes(), 1'000 * 200u);
}

TEST_F(BinaryIndex, ErasingAndPuttingOtherKeysForLongKeepsSearchesShort) {
  std::deque<std::string> there;
  for (int i = 0; i < 20'000; ++i) {
    there.push_back("key" + std::to_string(i));
    put(there.back());
    if (there.size() > 300) {
      ASSERT_NE(erase(there.front()), 0u);
      there.pop_front();
    }
  }
  for (const std::string& key : there) ASSERT_NE(find(key), 0u);
  EXPECT_EQ(index.records(index.roots(), 0), 300u);
}

TEST_F(BinaryIndex, SnapshotSeesTheTableAsItWas) {
  const std::uint64_t seed = testing::chosenSeed();
  SCOPED_TRACE(::testing::Message() << "HEXPAGE_SEED=" << seed);
  testing::Random random(seed);
  using Held = std::map<std::pair<std::uint64_t, std::string>, Address>;
  Held now;
  std::vector<std::pair<std::shared_ptr<const Index::Snapshot>, Held>> held;
  for (int step = 0; step < 40'000; ++step) {
    const std::uint64_t tree = random.below(3);
    const std::string key = std::to_string(random.below(3'000));
    if (random.oneIn(3)) {
      const auto it = now.find({tree, key});
      ASSERT_EQ(erase(key, tree), it == now.end() ? 0 : it->second);
      if (it != now.end()) now.erase(it);
    } else if (random.oneIn(5'000)) {
      if (Directory* const taken = index.take(tree)) index.retire(*taken);
      std::erase_if(now, [&](const auto& item) { return item.first.first == tree; });
    } else {
      now[{tree, key}] = put(key, tree);
    }
    if (random.oneIn(2'000)) held.emplace_back(index.snapshot(), now);
    if (!held.empty() && random.oneIn(3'000))
      held.erase(held.begin() + static_cast<std::ptrdiff_t>(random.below(held.size())));
    reclaimer.collect();
  }
  for (const auto& [snapshot, model] : held)
    for (std::uint64_t tree = 0; tree < 3; ++tree) {
      std::set<Address> expected;
      for (const auto& [name, address] : model)
        if (name.first == tree) {
          expected.insert(address);
          ASSERT_EQ(index.find(snapshot->roots(), tree, keys.hashOf(name.second), name.second),
                    address);
        }
      EXPECT_EQ(all(snapshot->roots(), tree), expected);
    }
}

}  // namespace
}  // namespace hexpage::kv
