// What Kamailio's htable was observed to do, a table of cases for each kind of thing; those of its
// remote calls are in tests/cli/htable_calls_test.cpp.
#pragma once

#include "tests/support/htable_cases.hpp"

namespace hexpage::testing {

std::vector<HtableCase> itemCases();
std::vector<HtableCase> expiryCases(FixedClock clock);
std::vector<HtableCase> eventCases(FixedClock clock);
std::vector<HtableCase> iteratorCases();
std::vector<HtableCase> patternCases();
std::vector<HtableCase> lockCases();

// They open stores of their own.
std::vector<HtableCase> definitionCases();
std::vector<HtableCase> databaseCases();

}  // namespace hexpage::testing
