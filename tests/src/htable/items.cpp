// Kamailio's htable observed: items, counters and their initial value.
#include "tests/src/htable/cases.hpp"

namespace hexpage::testing {

std::vector<HtableCase> itemCases() {
  return {
      {"A01", "<null>", [](Storage& s) { return shown(s.hashFind("a", "nokey")); }},
      {"A02", "7 abc",
       [](Storage& s) {
         s.hashPut("a", "i", 7);
         s.hashPut("a", "s", "abc");
         return shown(s.hashGet("a", "i")) + " " + shown(s.hashGet("a", "s"));
       }},
      {"A04", "7 52",
       [](Storage& s) {
         s.hashPut("a", "n", 5);
         s.hashPut("a", "n", s.hashGet("a", "n").get<int>() + 2);
         s.hashPut("a", "m", "5");
         s.hashPut("a", "m", s.hashGet("a", "m").get<std::string>() + "2");
         return shown(s.hashGet("a", "n")) + " " + shown(s.hashGet("a", "m"));
       }},
      {"A05", "null 1",
       [](Storage& s) {
         s.hashPut("a", "d", 1);
         s.hashPut("a", "d", nullptr);
         return shown(s.hashFind("a", "d")) + " " + std::to_string(s.hashCount("a", {}));
       },
       true},
      {"A07", "1 0",
       [](Storage& s) {
         s.hashPut("a", "r", 1);
         const auto removed = [&] { return std::to_string(s.hashDeleteMulti("a", {"r"})); };
         const std::string first = removed();
         return first + " " + removed();
       },
       true},
      {"A08", "NoSuchKey",
       [](Storage& s) { return refusedOr([&] { return s.hashDelete("zz", "r"), "done"; }); }, true},
      {"A10", "null",
       [](Storage& s) {
         s.hashPut("a", "q", nullptr);
         return shown(s.hashFind("a", "q"));
       },
       true},
      {"A11", "v",
       [](Storage& s) {
         const std::string part = "al";
         s.hashPut("a", part + "::x", "v");
         return shown(s.hashGet("a", "al::x"));
       }},
      {"A13", "1 <null>",
       [](Storage& s) {
         s.hashPut("a", "p<null>", 1);
         return shown(s.hashFind("a", "p<null>")) + " " + shown(s.hashFind("a", "p"));
       }},
      {"A14", "x",
       [](Storage& s) {
         s.hashPut("a", "a b=>c é", "x");
         return shown(s.hashGet("a", "a b=>c é"));
       }},
      {"A15", "1 2 3",
       [](Storage& s) {
         s.hashPutMulti("a", {{"Key", 1}, {"key", 2}, {"KEY", 3}});
         return shown(s.hashGet("a", "Key")) + " " + shown(s.hashGet("a", "key")) + " " +
                shown(s.hashGet("a", "KEY"));
       }},
      {"A16", "<null>", [](Storage& s) { return shown(s.hashFind("zz", "x")); }},
      {"A17", "1",
       [](Storage& s) {
         s.hashPut("zz", "x", 1);
         return shown(s.hashGet("zz", "x"));
       },
       true},
      {"A19", "1", [](Storage& s) { return shown(s.hashIncrement("a", "cnt")); }, true},
      {"A20", "11 12 11 stored=11",
       [](Storage& s) {
         s.hashPut("a", "cnt", 10);
         std::string out = shown(s.hashIncrement("a", "cnt"));
         out += " " + shown(s.hashIncrement("a", "cnt"));
         out += " " + shown(s.hashDecrement("a", "cnt"));
         return out + " stored=" + shown(s.hashGet("a", "cnt"));
       }},
      {"A21", "InvalidArgument 10",
       [](Storage& s) {
         s.hashPut("a", "text", "10");
         const std::string refused = refusedOr([&] { return shown(s.hashIncrement("a", "text")); });
         return refused + " " + shown(s.hashGet("a", "text"));
       },
       true},
      {"A22", "2147483648",
       [](Storage& s) {
         s.hashPut("a", "big", 2147483647);
         return shown(s.hashIncrement("a", "big"));
       },
       true},
      {"A23", "4294967298",
       [](Storage& s) {
         s.hashPut("a", "w", 4294967298);
         return shown(s.hashGet("a", "w"));
       },
       true},
      {"A25", "-1",
       [](Storage& s) {
         s.hashPut("a", "z", 0);
         return shown(s.hashDecrement("a", "z"));
       }},
      {"A26", "1 2",
       [](Storage& s) {
         s.hashPut("a", "k1", 1);
         s.hashPut("b", "k1", 2);
         return shown(s.hashGet("a", "k1")) + " " + shown(s.hashGet("b", "k1"));
       }},
      {"A28", "NoSuchKey",
       [](Storage& s) { return refusedOr([&] { return s.hashDeleteAll("zz"), "done"; }); }, true},
      {"A31", "10000",
       [](Storage& s) {
         s.hashPut("a", "lv", std::string(10'000, 'x'));
         return std::to_string(s.hashGet("a", "lv").get<std::string>().size());
       }},
      {"C01", "<null> 0",
       [](Storage& s) {
         s.hashCreate("c", {{"initval", 100}});
         return shown(s.hashFind("c", "k")) + " " + std::to_string(s.hashCount("c", {}));
       },
       true},
      {"C02", "101 1 101",
       [](Storage& s) {
         s.hashCreate("c", {{"initval", 100}});
         const std::string result = shown(s.hashIncrement("c", "k"));
         return result + " " + std::to_string(s.hashCount("c", {})) + " " +
                shown(s.hashGet("c", "k"));
       }},
      {"C04", "null 1",
       [](Storage& s) {
         s.hashCreate("c", {{"initval", 100}});
         s.hashIncrement("c", "k");
         s.hashPut("c", "k", nullptr);
         return shown(s.hashFind("c", "k")) + " " + std::to_string(s.hashCount("c", {}));
       },
       true},
      {"C05", "null",
       [](Storage& s) {
         s.hashCreate("c", {{"initval", 100}});
         return std::string(s.hashHas("c", "none") ? "not null" : "null");
       },
       true},
      {"C03", "99",
       [](Storage& s) {
         s.hashCreate("c", {{"initval", 100}});
         return shown(s.hashDecrement("c", "k"));
       }},
  };
}

}  // namespace hexpage::testing
