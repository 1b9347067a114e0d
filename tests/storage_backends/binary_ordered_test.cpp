// Ordered keys over the hash trees of the binary engine, against a map.
#include <gtest/gtest.h>

#include <hexpage/testing/contract/temp_dir.hpp>
#include <map>

#include "binary/ordered_keys.hpp"
#include "tests/support/random.hpp"

namespace hexpage {
namespace {

bool isBefore(std::string_view a, std::string_view b) { return a < b; }

struct BinaryOrdered : ::testing::Test {
  using Model = std::map<std::string, std::string>;

  void edit(const std::function<void(OrderedKeysEdit&)>& work) {
    kv::Transaction change = store.begin();
    OrderedKeysEdit edit(keys, store, change);
    work(edit);
    edit.finish();
    change.commit();
  }
  Model contents(const std::string& from = "") const {
    Model found;
    std::string before;
    store.look([&](const kv::View& view) {
      found.clear();
      before.clear();
      keys.walk(view, from, [&](std::string_view key, std::string_view value) {
        EXPECT_TRUE(before.empty() || before < key) << key;
        before = key;
        found.emplace(key, value);
        return true;
      });
    });
    return found;
  }
  std::vector<KeyList> lists() const { return keys.lists(store.snapshot().view()); }
  static std::string keyOf(std::size_t i) { return std::to_string(100'000 + i); }

  testing::TempDir dir;
  kv::Database store = kv::Database::open(dir.string());
  const OrderedKeys keys{0, "lists", isBefore};
};

TEST_F(BinaryOrdered, RandomEditsAgreeWithAMap) {
  const std::uint64_t seed = testing::chosenSeed();
  SCOPED_TRACE(::testing::Message() << "HEXPAGE_SEED=" << seed);
  testing::Random random(seed);
  Model model;
  for (int round = 0; round < 120; ++round) {
    edit([&](OrderedKeysEdit& edit) {
      if (random.oneIn(40)) {
        edit.clear();
        model.clear();
      }
      // Some only grow it and some only shorten it, at one end or anywhere.
      const bool grows = random.oneIn(2), isAtEnd = random.oneIn(3);
      for (std::size_t n = random.below(800); n > 0; --n) {
        const std::string key = keyOf(random.below(isAtEnd ? 500 : 6'000));
        if (grows) {
          edit.put(key, std::to_string(round));
          model[key] = std::to_string(round);
        } else if (model.erase(key) == 1) {
          edit.remove(key);
        }
      }
    });
    ASSERT_EQ(contents(), model) << round;
  }
  const std::string middle = keyOf(3'000);
  EXPECT_EQ(contents(middle), Model(model.lower_bound(middle), model.end()));
}

TEST_F(BinaryOrdered, ListsAreDividedAndGoWhenTheyAreEmpty) {
  edit([](OrderedKeysEdit& edit) {
    for (std::size_t i = 0; i < 10'000; ++i) edit.put(keyOf(i), "");
  });
  EXPECT_GE(lists().size(), 10'000u / 512);
  EXPECT_EQ(store.snapshot().view().trees().size(), lists().size());
  for (std::size_t begin = 0; begin < 9'990; begin += 90)
    edit([&](OrderedKeysEdit& edit) {
      for (std::size_t i = begin; i < begin + 90; ++i) edit.remove(keyOf(i));
    });
  EXPECT_EQ(contents().size(), 10u);
  EXPECT_EQ(lists().size(), 1u);
  EXPECT_EQ(store.snapshot().view().trees().size(), 1u);
}

TEST_F(BinaryOrdered, OneMoreKeyDoesNotWriteTheListsAnew) {
  edit([](OrderedKeysEdit& edit) {
    for (std::size_t i = 0; i < 100'000; ++i) edit.put(keyOf(i), "");
  });
  const std::uint64_t before = store.stats().logBytes;
  edit([](OrderedKeysEdit& edit) { edit.put("100000+", ""); });
  EXPECT_LE(store.stats().logBytes - before, 100u);
}

}  // namespace
}  // namespace hexpage
