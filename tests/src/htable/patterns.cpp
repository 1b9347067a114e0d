// Kamailio's htable observed: what counts, matches and removes by patterns.
#include "tests/src/htable/cases.hpp"

namespace hexpage::testing {
namespace {

// The reference's dialect: letters of either case are alike, and lines count.
Match expression(MatchOn on, const std::string& pattern) {
  return {.on = on, .by = MatchBy::Regex, .pattern = pattern, .ignoreCase = true, .byLine = true};
}

void fillR(Storage& s) {
  s.hashPutMulti("m", {{"alice", "red apple"},
                       {"alan", "Green"},
                       {"bob", 10},
                       {"Bobby", "10"},
                       {"carol", -3},
                       {"x.y", "a.b"}});
}

// What `match` counts in the table of the R cases.
Doing counts(const Match& match) {
  return [match](Storage& s) {
    fillR(s);
    return refusedOr([&] { return std::to_string(s.hashCount("m", match)); });
  };
}

// What is left there when it is removed.
Doing leaves(const Match& match) {
  return [match](Storage& s) {
    fillR(s);
    s.hashDeleteMatching("m", match);
    return std::to_string(s.hashGetInfo("m").length);
  };
}

}  // namespace

std::vector<HtableCase> patternCases() {
  const auto key = MatchOn::Key, value = MatchOn::Value;
  const auto literal = [](MatchOn on, MatchBy by, const std::string& pattern) {
    return Match{.on = on, .by = by, .pattern = pattern};
  };
  return {
      {"R01 ^AL", "2", counts(expression(key, "^AL"))},
      {"R01 a", "3", counts(expression(key, "a"))},
      {"R01 bob", "2", counts(expression(key, "bob"))},
      {"R02", "1", counts(expression(value, "gr..n"))},
      {"R04 al", "2", counts(literal(key, MatchBy::Prefix, "al"))},
      {"R04 AL", "0", counts(literal(key, MatchBy::Prefix, "AL"))},
      {"R04 red", "1", counts(literal(value, MatchBy::Prefix, "red"))},
      {"R05 bob", "1", counts(literal(key, MatchBy::Equals, "bob"))},
      {"R05 BOB", "0", counts(literal(key, MatchBy::Equals, "BOB"))},
      {"R05 10", "1", counts(literal(value, MatchBy::Equals, "10"))},
      {"R06", "0", counts(literal(value, MatchBy::Equals, "-3"))},
      {"R07", "InvalidArgument", counts(literal(key, MatchBy::Integer, "10")), true},
      {"R08", "6", counts({})},
      {"R09", "1", counts(literal(value, MatchBy::Integer, "10"))},
      {"R10", "1", counts(expression(key, "x.y"))},
      {"R11", "InvalidArgument", counts(expression(key, "[abc")), true},
      {"R12", "6", counts(literal(key, MatchBy::Prefix, "")), true},
      {"R13 c", "2", counts(expression(key, "c"))},
      {"R13 *", "InvalidArgument", counts(expression(key, "*")), true},
      {"R14", "1",
       [](Storage& s) {
         s.hashPut("m", "equal", "v");
         return std::to_string(s.hashCount("m", expression(MatchOn::Key, "equal")));
       },
       true},
      {"R16", "1", counts(literal(key, MatchBy::Suffix, "ob")), true},
      {"R17 re", "1", counts(expression(value, "APPLE"))},
      {"R18", "5", counts(literal(key, MatchBy::NotEquals, "bob"))},
      {"R17 eq", "1", counts(literal(value, MatchBy::Equals, "10"))},
      {"R17 sw", "1", counts(literal(value, MatchBy::Prefix, "red"))},
      {"R19", "1 1",
       [=](Storage& s) {
         fillR(s);
         return std::to_string(s.hashAny("m", literal(key, MatchBy::Equals, "bob"))) + " " +
                std::to_string(s.hashAny("m", literal(value, MatchBy::Equals, "Green")));
       }},
      {"R20", "InvalidArgument 0 0",
       [=](Storage& s) {
         fillR(s);
         const auto isAny = [&](const std::string& table, const Match& match) {
           return refusedOr([&] { return std::to_string(s.hashAny(table, match)); });
         };
         return isAny("m", expression(key, "[a")) + " " +
                isAny("m", literal(key, MatchBy::Equals, "")) + " " +
                isAny("zz", literal(key, MatchBy::Equals, "a"));
       },
       true},
      {"R23", "InvalidArgument 6",
       [=](Storage& s) {
         fillR(s);
         const std::string removed = refusedOr(
             [&] { return std::to_string(s.hashDeleteMatching("m", expression(key, "[a"))); });
         return removed + " " + std::to_string(s.hashCount("m", {}));
       },
       true},
      {"R22", "6", leaves(expression(key, "^zzz"))},
      {"R25", "2", leaves(expression(value, ".*"))},
      {"R26 sw", "4", leaves(literal(key, MatchBy::Prefix, "al"))},
      {"R26 BO", "6", leaves(literal(key, MatchBy::Prefix, "BO"))},
      {"R26 re", "4", leaves(expression(key, "^BO"))},
      {"R28 sw", "5", leaves(literal(value, MatchBy::Prefix, "red"))},
      {"R28 re", "5", leaves(expression(value, "^a[.]b$"))},
      {"R29", "1",
       [](Storage& s) {
         s.hashPut("m", "ml", "first\nsecond");
         return std::to_string(s.hashCount("m", expression(MatchOn::Value, "^second")));
       }},
      {"R30", "0",
       [](Storage& s) {
         s.hashPut("m", "ml", "first\nsecond");
         return std::to_string(s.hashCount("m", expression(MatchOn::Value, "t.s")) +
                               s.hashCount("m", expression(MatchOn::Value, "t[^x]s")));
       }},
  };
}

}  // namespace hexpage::testing
