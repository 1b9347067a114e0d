// The stores that every HashApi test of this program runs over.
#include "tests/support/stores.hpp"

namespace hexpage::testing {

INSTANTIATE_TEST_SUITE_P(Stores, HashApi, ::testing::ValuesIn(allStores()), storeName);

}  // namespace hexpage::testing
