#include "memory/path_index.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "tests/support/random.hpp"

namespace hexpage {
namespace {

TEST(PathIndex, FindsNothingWhenItIsEmpty) {
  const PathIndex<int> index;
  EXPECT_EQ(index.find("users"), nullptr);
}

TEST(PathIndex, FindsWhatAMapFinds) {
  const std::uint64_t seed = testing::chosenSeed();
  SCOPED_TRACE("HEXPAGE_SEED=" + std::to_string(seed));
  testing::Random random(seed);
  std::map<std::string, int> entries;
  PathIndex<int> index;
  for (int step = 0; step < 20'000; ++step) {
    const std::string path = "p" + std::to_string(random.below(300));
    if (entries.contains(path)) {
      index.erase(path);
      entries.erase(path);
    } else {
      const auto place = entries.emplace(path, step).first;
      index.add(place->first, place->second);
    }
    const auto other = entries.find("p" + std::to_string(random.below(300)));
    if (other != entries.end()) {
      ASSERT_EQ(index.find(other->first), &other->second);
    }
    ASSERT_EQ(index.find(path) != nullptr, entries.contains(path));
  }
  for (auto& [path, number] : entries) EXPECT_EQ(index.find(path), &number);
}

}  // namespace
}  // namespace hexpage
