// Kamailio's htable observed: iterators.
#include <set>

#include "tests/src/htable/cases.hpp"

namespace hexpage::testing {

std::vector<HtableCase> iteratorCases() {
  const auto fill = [](Storage& s) {
    s.hashPutMulti("t", {{"k1", 1}, {"k2", "two"}, {"k3", 3}, {"k4", "four"}, {"k5", 5}});
  };
  return {
      {"D01", "k1 k2 k3 k4 k5 ",
       [=](Storage& s) {
         fill(s);
         std::set<std::string> keys;
         for (HashCursor i = s.hashCursor("t"); i.next();) keys.insert(i.key());
         std::string out;
         for (const std::string& key : keys) out += key + " ";
         return out;
       }},
      {"D02", "InvalidArgument",
       [=](Storage& s) {
         fill(s);
         HashCursor i = s.hashCursor("t");
         return refusedOr([&] { return i.key(); });
       },
       true},
      {"D04", "0",
       [=](Storage& s) {
         fill(s);
         HashCursor i = s.hashCursor("t");
         while (i.next()) continue;
         return std::to_string(i.next());
       },
       true},
      {"D05", "0", [](Storage& s) { return std::to_string(s.hashCursor("zz").next()); }},
      {"D07", "5 at once",
       [=](Storage& s) {
         fill(s);
         std::vector<HashCursor> cursors;
         for (int n = 0; n < 5; ++n) cursors.push_back(s.hashCursor("t"));
         std::size_t onItem = 0;
         for (HashCursor& cursor : cursors) onItem += cursor.next();
         return std::to_string(onItem) + " at once";
       },
       true},
      {"D10", "now a string t",
       [=](Storage& s) {
         fill(s);
         for (HashCursor i = s.hashCursor("t"); i.next();) {
           if (i.key() == "k1") i.set("now a string");
           if (i.key() == "k2") i.set("t");
         }
         return shown(s.hashGet("t", "k1")) + " " + shown(s.hashGet("t", "k2"));
       }},
      {"D11", "44 inc=45",
       [=](Storage& s) {
         fill(s);
         for (HashCursor i = s.hashCursor("t"); i.next();)
           if (i.key() == "k4") i.set(44);
         const std::string value = shown(s.hashGet("t", "k4"));
         return value + " inc=" + shown(s.hashIncrement("t", "k4"));
       }},
      {"D13", "left=0",
       [=](Storage& s) {
         fill(s);
         for (HashCursor i = s.hashCursor("t"); i.next();) i.erase();
         return "left=" + std::to_string(s.hashCount("t", {}));
       },
       true},
      {"D14", "left=0",
       [=](Storage& s) {
         fill(s);
         const Match match{.by = MatchBy::Regex, .pattern = "^k[1-5]$"};
         for (HashCursor i = s.hashCursor("t", match); i.next();) i.erase();
         return "left=" + std::to_string(s.hashCount("t", {}));
       }},
      {"D16", "InvalidArgument InvalidArgument",
       [=](Storage& s) {
         fill(s);
         HashCursor i = s.hashCursor("t");
         const std::string removed = refusedOr([&] { return std::to_string(i.erase()); });
         return removed + " " + refusedOr([&] { return std::to_string(i.set("x")); });
       }},
      {"D22", "3",
       [](Storage& s) {
         s.hashPut("t", "n1", 1);
         for (HashCursor i = s.hashCursor("t"); i.next();) {
           s.hashPut("t", "n1", 2);
           s.hashIncrement("t", "n1");
         }
         return shown(s.hashGet("t", "n1"));
       }},
  };
}

}  // namespace hexpage::testing
