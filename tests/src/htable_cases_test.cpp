// What Kamailio's htable was observed to do, done with hexpage: the same, or on the list of
// deliberate differences in docs/migrating-from-kamailio.md. The numbers are those of the
// observations; those of databases are in database_cases.hpp.
#include <future>
#include <set>

#include "tests/support/htable_cases.hpp"

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

std::vector<HtableCase> basicCases() {
  return {
      {"A01", "<null>", [](Storage& s) { return shown(s.hashFind("a", "nokey")); }},
      {"A02", "7 abc",
       [](Storage& s) {
         s.hashPut("a", "i", 7);
         s.hashPut("a", "s", "abc");
         return shown(s.hashGet("a", "i")) + " " + shown(s.hashGet("a", "s"));
       }},
      {"A07", "1 0",
       [](Storage& s) {
         s.hashPut("a", "r", 1);
         const auto removed = [&] { return std::to_string(s.hashDeleteMulti("a", {"r"})); };
         const std::string first = removed();
         return first + " " + removed();
       },
       true},
      {"A10", "null",
       [](Storage& s) {
         s.hashPut("a", "q", nullptr);
         return shown(s.hashFind("a", "q"));
       },
       true},
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
      {"C03", "99",
       [](Storage& s) {
         s.hashCreate("c", {{"initval", 100}});
         return shown(s.hashDecrement("c", "k"));
       }},
  };
}

using Seconds = std::chrono::seconds;

// What is left of an item's time, in whole seconds, as $shtex has it.
std::string ex(Storage& s, const std::string& path, const std::string& key) {
  return refusedOr([&] {
    const auto left = s.hashTimeToLive(path, key);
    return left ? std::to_string(left->count() / 1000) : "never";
  });
}

// `e` has autoexpire 3, `u` also updateexpire 0, `ce` autoexpire 2 and initval 5.
void makeTables(Storage& s) {
  s.hashCreate("e", {{"autoexpire", 3}});
  s.hashCreate("u", {{"autoexpire", 3}, {"updateexpire", 0}});
  s.hashCreate("ce", {{"autoexpire", 2}, {"initval", 5}});
}

std::vector<HtableCase> expiryCases(FixedClock clock) {
  // A case over those tables, which may let time pass.
  const auto timed = [](std::string id, std::string expected,
                        const std::function<std::string(Storage&)>& doing, bool differs = false) {
    const auto all = [doing](Storage& s) {
      makeTables(s);
      return doing(s);
    };
    return HtableCase{std::move(id), std::move(expected), all, differs};
  };
  const bool differs = true;
  return {
      timed(
          "A18", "50",
          [](Storage& s) {
            s.hashPut("a", "k", 1);
            s.hashExpire("a", "k", Seconds(50));
            return ex(s, "a", "k");
          },
          differs),
      timed(
          "A29", "v1 10",
          [](Storage& s) {
            s.hashPut("a", "sx", "v1", {.ttl = Seconds(10)});
            return shown(s.hashFind("a", "sx")) + " " + ex(s, "a", "sx");
          },
          differs),
      timed("B01", "3", [](Storage& s) { return s.hashPut("e", "k", 1), ex(s, "e", "k"); }),
      timed(
          "B02", "NoSuchKey", [](Storage& s) { return ex(s, "e", "nokey"); }, differs),
      timed(
          "B04", "never 1",
          [](Storage& s) {
            s.hashPut("e", "never", 1);
            s.hashPersist("e", "never");
            return ex(s, "e", "never") + " " + shown(s.hashFind("e", "never"));
          },
          differs),
      timed(
          "B05", "InvalidArgument 3",
          [](Storage& s) {
            s.hashPut("e", "neg", 1);
            const std::string refused =
                refusedOr([&] { return s.hashExpire("e", "neg", Seconds(-5)), "done"; });
            return refused + " " + ex(s, "e", "neg");
          },
          differs),
      timed(
          "B08", "NoSuchKey 0",
          [](Storage& s) {
            const std::string refused =
                refusedOr([&] { return s.hashExpire("e", "ghost", Seconds(50)), "done"; });
            return refused + " " + std::to_string(s.hashCount("e", {}));
          },
          differs),
      timed("B10", "50 50",
            [](Storage& s) {
              s.hashPut("u", "r", 1);
              s.hashExpire("u", "r", Seconds(50));
              s.hashPut("u", "r", 2);
              const std::string first = ex(s, "u", "r");
              s.hashPut("u", "r", "longer string");
              return first + " " + ex(s, "u", "r");
            }),
      timed("B11", "2 3",
            [](Storage& s) {
              s.hashPut("e", "c", 1);
              s.hashExpire("e", "c", Seconds(50));
              const std::string value = shown(s.hashIncrement("e", "c"));
              return value + " " + ex(s, "e", "c");
            }),
      timed("B13", "1",
            [clock](Storage& s) mutable {
              s.hashPut("e", "rd", 1);
              clock.advance(Seconds(2));
              s.hashGet("e", "rd");
              return ex(s, "e", "rd");
            }),
      timed(
          "B14", "1 <null>",
          [clock](Storage& s) mutable {
            s.hashPut("e", "x3", 1);
            clock.advance(Millis(2999));
            const std::string before = shown(s.hashFind("e", "x3"));
            clock.advance(Millis(1));
            return before + " " + shown(s.hashFind("e", "x3"));
          },
          differs),
      timed(
          "B15", "0",
          [clock](Storage& s) mutable {
            s.hashPut("e", "x3", 1);
            clock.advance(Seconds(4));
            return std::to_string(s.hashCount("e", {}));
          },
          differs),
      timed("B16", "9 3",
            [clock](Storage& s) mutable {
              s.hashPut("e", "x3", 1);
              clock.advance(Seconds(4));
              s.hashPut("e", "x3", 9);
              return shown(s.hashFind("e", "x3")) + " " + ex(s, "e", "x3");
            }),
      timed(
          "B17", "<null> 2 3",
          [clock](Storage& s) mutable {
            s.hashPut("u", "z", 1);
            clock.advance(Seconds(5));
            const std::string before = shown(s.hashFind("u", "z"));
            s.hashPut("u", "z", 2);
            return before + " " + shown(s.hashFind("u", "z")) + " " + ex(s, "u", "z");
          },
          differs),
      timed("B19", "40 41 42 43",
            [](Storage& s) {
              std::string out;
              int seconds = 40;
              for (const Json& value : {Json("v"), Json("w"), Json("longer"), Json(5)}) {
                s.hashPut("e", "sx", value, {.ttl = Seconds(seconds++)});
                out += (out.empty() ? "" : " ") + ex(s, "e", "sx");
              }
              return out;
            }),
      timed(
          "B22", "str 43",
          [](Storage& s) {
            s.hashPut("e", "ix", 5);
            s.hashPut("e", "ix", "str", {.ttl = Seconds(43)});
            return shown(s.hashFind("e", "ix")) + " " + ex(s, "e", "ix");
          },
          differs),
      timed("B23", "3",
            [](Storage& s) {
              s.hashPut("e", "s0", "v", {.ttl = Seconds(0)});
              return ex(s, "e", "s0");
            }),
      timed(
          "C07", "<null> 0",
          [clock](Storage& s) mutable {
            s.hashPut("ce", "k", 50);
            clock.advance(Seconds(4));
            return shown(s.hashFind("ce", "k")) + " " + std::to_string(s.hashCount("ce", {}));
          },
          differs),
      timed("C08", "6 2 6",
            [clock](Storage& s) mutable {
              s.hashPut("ce", "k", 50);
              clock.advance(Seconds(4));
              const std::string result = shown(s.hashIncrement("ce", "k"));
              return result + " " + ex(s, "ce", "k") + " " + shown(s.hashFind("ce", "k"));
            }),
      timed(
          "C09", "1",
          [clock](Storage& s) mutable {
            s.hashPut("e", "k", 50);
            clock.advance(Seconds(4));
            return shown(s.hashIncrement("e", "k"));
          },
          differs),
      timed("D17", "77",
            [](Storage& s) {
              s.hashPut("e", "a", 1);
              for (HashCursor i = s.hashCursor("e"); i.next();) i.expire(Seconds(77));
              return ex(s, "e", "a");
            }),
      timed(
          "D19", "<null>",
          [clock](Storage& s) mutable {
            s.hashPut("t1", "q", 1);
            for (HashCursor i = s.hashCursor("t1"); i.next();) i.expire(Seconds(1));
            clock.advance(Seconds(3));
            return shown(s.hashFind("t1", "q"));
          },
          differs),
      timed(
          "D20", "0",
          [clock](Storage& s) mutable {
            s.hashPut("e", "b", 1);
            clock.advance(Seconds(5));
            return std::to_string(s.hashCursor("e").next());
          },
          differs),
      timed(
          "Z01", "5 50",
          [](Storage& s) {
            s.hashPut("e", "k", 5, {.ttl = Seconds(50)});
            return shown(s.hashFind("e", "k")) + " " + ex(s, "e", "k");
          },
          differs),
  };
}

// Lets what is in the hash expire, removes it and gives the events, sorted, once the last one has
// come: that of an item of its own.
std::vector<std::string> eventsOf(Storage& s, FixedClock clock, const std::string& path,
                                  const std::function<void(const std::string&)>& handler = {}) {
  std::set<std::string> events;
  std::promise<void> last;
  const Subscription subscription =
      s.onExpired(path, [&](const std::string& key, const Json& value) {
        if (key == "last") return last.set_value();
        events.insert(key + " => " + shown(value));
        if (handler) handler(key);
      });
  clock.advance(Seconds(6));
  s.hashSweep(path);
  s.hashPut(path, "last", 1, {.ttl = Millis(1)});
  clock.advance(Millis(1));
  s.hashSweep(path);
  last.get_future().wait();
  return {events.begin(), events.end()};
}

std::string joined(const std::vector<std::string>& lines) {
  std::string out;
  for (const std::string& line : lines) out += line + "; ";
  return out;
}

std::vector<HtableCase> eventCases(FixedClock clock) {
  return {
      {"E01", "i => 11; q => 1; s => abc; left=0",
       [clock](Storage& s) {
         s.hashCreate("x", {{"autoexpire", 2}});
         s.hashPutMulti("x", {{"i", 11}, {"s", "abc"}});
         s.hashPut("x", "q", 1, {.ttl = Seconds(1)});
         const std::string events = joined(eventsOf(s, clock, "x"));
         return events + "left=" + std::to_string(s.hashCount("x", {}));
       }},
      {"E02", "left=0",
       [clock](Storage& s) {
         s.hashCreate("x", {{"autoexpire", 2}});
         s.hashPut("x", "d", 1);
         s.hashDelete("x", "d");
         s.hashPut("x", "d2", 1);
         s.hashDeleteAll("x");
         const std::string events = joined(eventsOf(s, clock, "x"));
         return events + "left=" + std::to_string(s.hashCount("x", {}));
       }},
      {"E04", "again => 1; v=2 seen=1",
       [clock](Storage& s) {
         s.hashPut("y", "again", 1, {.ttl = Seconds(2)});
         const std::string events = joined(eventsOf(s, clock, "y", [&](const std::string& key) {
           s.hashIncrement("w", "n");
           s.hashPut("y", key, 2, {.ttl = std::chrono::hours(1)});
         }));
         return events + "v=" + shown(s.hashFind("y", "again")) +
                " seen=" + shown(s.hashFind("w", "n"));
       },
       true},
  };
}

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

const std::string kDifferences = listOfDifferences(HEXPAGE_SOURCE_DIR);

INSTANTIATE_TEST_SUITE_P(Stores, HtableCases,
                         ::testing::Values(inMemory(), rawFiles(), binaryStore()), storeName);

TEST_P(HtableCases, Basics) { runAll(basicCases(), kDifferences); }
TEST_P(HtableCases, Expiry) {
  const FixedClock clock;
  runAll(expiryCases(clock), kDifferences, clock);
}
TEST_P(HtableCases, Events) {
  const FixedClock clock;
  runAll(eventCases(clock), kDifferences, clock);
}
TEST_P(HtableCases, Iterators) { runAll(iteratorCases(), kDifferences); }
TEST_P(HtableCases, Patterns) { runAll(patternCases(), kDifferences); }

}  // namespace
}  // namespace hexpage::testing
