// What Kamailio's htable was observed to do, done with hexpage: the same, or on the list of
// deliberate differences in docs/migrating-from-kamailio.md. The numbers of the cases are those of
// the observations.
#pragma once

#include <fstream>
#include <functional>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "tests/support/fixed_clock.hpp"
#include "tests/support/stores.hpp"

namespace hexpage::testing {

using Doing = std::function<std::string(Storage&)>;

struct HtableCase {
  std::string id;             // the number, and a word more when there are several of it
  std::string expected;       // what the reference gave, or what hexpage gives on purpose
  Doing doing;                // on a new store
  bool isDifference = false;  // from the reference

  std::string number() const { return id.substr(0, 3); }
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

// "A05, J01-J11" as numbers.
inline std::set<std::string> numbersIn(const std::string& text) {
  static const std::regex kNumbers("([A-Z])([0-9]{2})(?:-[A-Z]([0-9]{2}))?");
  std::set<std::string> numbers;
  for (std::sregex_iterator found(text.begin(), text.end(), kNumbers), end; found != end; ++found) {
    const std::smatch& match = *found;
    const int last = std::stoi(match[match[3].matched ? 3 : 2]);
    for (int n = std::stoi(match[2]); n <= last; ++n)
      numbers.insert(match.str(1) + (n < 10 ? "0" : "") + std::to_string(n));
  }
  return numbers;
}

// The first cells of the list, as the documentation in the source directory has it.
inline std::set<std::string> differencesFrom(const std::string& sources) {
  std::ifstream file(sources + "/docs/migrating-from-kamailio.md");
  std::set<std::string> numbers;
  bool isList = false;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("## ")) isList = line == "## Deliberate differences";
    if (isList && line.starts_with("| "))
      numbers.merge(numbersIn(line.substr(0, line.find('|', 1))));
  }
  return numbers;
}

// All that were written down.
inline std::set<std::string> observedNumbers() {
  return numbersIn(
      "A01-A02 A04-A05 A07-A08 A10-A11 A13-A14 A16-A17 A19-A20 A22-A23 A25-A26 A28-A29 A31 "
      "B01-B02 B04-B05 B07-B08 B10-B11 B13-B14 B16-B17 B19-B20 B22-B23 C01-C02 C04-C05 C07-C08 "
      "D01-D02 D04-D05 D07-D08 D10-D11 D13-D14 D16-D17 D19-D20 D22 E01-E02 E04-E05 "
      "F01-F02 F04-F05 F07-F08 "
      "G01-G02 G04-G05 G07-G08 G10-G11 G13-G14 G16-G17 G19-G20 G22-G23 G25-G26 G28-G29 G31-G32 "
      "G34-G35 G37-G38 G40-G41 G43-G44 G46-G47 G49-G50 G52-G53 G55-G56 G58-G59 G61-G62 G64 "
      "H01-H02 H04-H05 H07-H08 H10-H11 H13-H14 H16-H17 H19-H20 H22-H23 H25-H26 H28 "
      "I01-I02 I04-I05 I07-I08 I10-I11 I13-I14 I16-I17 I19-I20 I22-I23 I25-I26 "
      "J01-J02 J04-J05 J07-J08 J10-J11 J13-J14 J16-J17 J19-J20 J22-J23 J25-J26 J28 K01-K02 "
      "R01-R02 R04-R05 R07-R08 R10-R11 R13-R14 R16-R17 R19-R20 R22-R23 R25-R26 R28-R29 Z01-Z02");
}

inline void runAll(const std::vector<HtableCase>& cases, const std::set<std::string>& differences,
                   const StoreKind& kind, FixedClock clock = {}) {
  for (const HtableCase& one : cases) {
    SCOPED_TRACE(one.id);
    TestStore store(kind, Json::object(), clock);
    EXPECT_EQ(one.doing(*store), one.expected);
    EXPECT_TRUE(!one.isDifference || differences.contains(one.number()))
        << "not on the list of differences";
  }
}

}  // namespace hexpage::testing
