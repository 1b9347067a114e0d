// What Kamailio's htable was observed to do, done with hexpage: the same, or on the list of
// deliberate differences in docs/migrating-from-kamailio.md. The numbers of the cases are those of
// the observations.
#pragma once

#include <fstream>
#include <functional>
#include <sstream>
#include <string>
#include <vector>

#include "tests/support/fixed_clock.hpp"
#include "tests/support/stores.hpp"

namespace hexpage::testing {

using Doing = std::function<std::string(Storage&)>;

struct HtableCase {
  std::string id;
  std::string expected;       // what the reference gave, or what hexpage gives on purpose
  Doing doing;                // on a new store
  bool isDifference = false;  // from the reference
};

inline std::string shown(const std::optional<Json>& value) {
  return !value ? "<null>" : value->is_string() ? value->get<std::string>() : value->dump();
}

inline std::string refusedOr(const std::function<std::string()>& call) {
  try {
    return call();
  } catch (const Error& error) {
    return std::string(name(error.code()));
  }
}

// As the documentation in the source directory has it.
inline std::string listOfDifferences(const std::string& sources) {
  std::ifstream file(sources + "/docs/migrating-from-kamailio.md");
  std::ostringstream text;
  text << file.rdbuf();
  const std::string all = text.str();
  return all.substr(std::min(all.find("## Deliberate differences"), all.size()));
}

class HtableCases : public ::testing::TestWithParam<StoreKind> {
 protected:
  void runAll(const std::vector<HtableCase>& cases, const std::string& listed,
              FixedClock clock = {}) {
    for (const HtableCase& one : cases) {
      SCOPED_TRACE(one.id);
      TestStore store(GetParam(), Json::object(), clock);
      EXPECT_EQ(one.doing(*store), one.expected);
      const std::string id = one.id.substr(0, 3);
      EXPECT_TRUE(!one.isDifference || listed.find(id) != std::string::npos)
          << "not on the list of differences";
    }
  }
};

}  // namespace hexpage::testing
