// Kamailio's htable observed: each case is the same here, or on the list of deliberate differences
// in docs/migrating-from-kamailio.md.
#include <iterator>

#include "tests/src/htable/cases.hpp"

namespace hexpage::testing {
namespace {

const std::set<std::string> kDifferences = differencesFrom(HEXPAGE_SOURCE_DIR);

class HtableCases : public ::testing::TestWithParam<StoreKind> {
 protected:
  void run(const std::vector<HtableCase>& cases, FixedClock clock = {}) {
    runAll(cases, kDifferences, GetParam(), clock);
  }
};

INSTANTIATE_TEST_SUITE_P(Stores, HtableCases,
                         ::testing::Values(inMemory(), rawFiles(), binaryStore()), storeName);

TEST_P(HtableCases, Items) { run(itemCases()); }
TEST_P(HtableCases, Expiry) {
  const FixedClock clock;
  run(expiryCases(clock), clock);
}
TEST_P(HtableCases, Events) {
  const FixedClock clock;
  run(eventCases(clock), clock);
}
TEST_P(HtableCases, Iterators) { run(iteratorCases()); }
TEST_P(HtableCases, Patterns) { run(patternCases()); }
TEST_P(HtableCases, Locks) { run(lockCases()); }

TEST(HtableTables, Definitions) { runAll(definitionCases(), kDifferences, inMemory()); }
TEST(HtableTables, Databases) { runAll(databaseCases(), kDifferences, inMemory()); }

// Those of section G, the remote calls, are accounted for where they are done.
TEST(HtableTables, EveryCaseIsDoneOrADeliberateDifference) {
  std::set<std::string> known = kDifferences;
  for (const auto& cases : {itemCases(), expiryCases({}), eventCases({}), iteratorCases(),
                            patternCases(), lockCases(), definitionCases(), databaseCases()})
    for (const HtableCase& one : cases) known.insert(one.number());
  for (const std::string& number : observedNumbers())
    EXPECT_TRUE(number.front() == 'G' || known.contains(number)) << number;
}

}  // namespace
}  // namespace hexpage::testing
