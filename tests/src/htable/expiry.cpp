// Kamailio's htable observed: when items expire, and what is told then.
#include <future>
#include <set>

#include "tests/src/htable/cases.hpp"

namespace hexpage::testing {
namespace {

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

}  // namespace

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
          "B07", "never 1",
          [](Storage& s) {
            s.hashPut("e", "nn", 1);
            s.hashPersist("e", "nn");
            return ex(s, "e", "nn") + " " + shown(s.hashFind("e", "nn"));
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
      timed("B20", "w 41",
            [](Storage& s) {
              s.hashPut("e", "sx", "longer", {.ttl = Seconds(40)});
              s.hashPut("e", "sx", "w", {.ttl = Seconds(41)});
              return shown(s.hashFind("e", "sx")) + " " + ex(s, "e", "sx");
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
      timed("E05", "1 0",
            [clock](Storage& s) mutable {
              s.hashPut("e", "noev", 1);
              clock.advance(Seconds(5));
              const std::size_t swept = s.hashSweep("e");
              return std::to_string(swept) + " " + std::to_string(s.hashCount("e", {}));
            }),
      timed(
          "Z02", "reached",
          [](Storage& s) {
            s.hashPut("e", "k", 5, {.ttl = Seconds(50)});
            return std::string("reached");
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

namespace {

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

}  // namespace

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

}  // namespace hexpage::testing
