// Kamailio's htable observed: locks of items.
#include <thread>

#include "tests/src/htable/cases.hpp"

namespace hexpage::testing {
namespace {

// What another thread gets, while this one holds the item's lock.
template <class Call>
std::string beside(Storage& s, Call call) {
  const Lock held = s.lockItem("l", "k");
  std::string got;
  std::thread([&] { got = call(); }).join();
  return got;
}

}  // namespace

std::vector<HtableCase> lockCases() {
  return {
      {"F01", "locked",
       [](Storage& s) {
         s.lockItem("l", "k").unlock();
         return std::string(s.lockItem("l", "k", Millis(0)).name().empty() ? "" : "locked");
       }},
      {"F02", "1 free",
       [](Storage& s) {
         {
           const Lock once = s.lockItem("l", "k");
           const Lock twice = s.lockItem("l", "k");
           s.hashPut("l", "k", 1);
         }
         std::string other = "held";
         std::thread([&] {
           other = refusedOr([&] {
             s.lockItem("l", "k", Millis(0));
             return std::string("free");
           });
         }).join();
         return shown(s.hashGet("l", "k")) + " " + other;
       }},
      {"F04", "locked",
       [](Storage& s) {
         return std::string(s.lockItem("zz", "k", Millis(0)).name().empty() ? "" : "locked");
       },
       true},
      {"F05", "5",
       [](Storage& s) {
         s.hashPut("l", "k", 5);
         return beside(s, [&] { return shown(s.hashGet("l", "k")); });
       },
       true},
      {"F05 lock", "LockTimeout",
       [](Storage& s) {
         return beside(
             s, [&] { return refusedOr([&] { return s.lockItem("l", "k", Millis(0)).name(); }); });
       },
       true},
      {"F07", "2",
       [](Storage& s) {
         s.hashPutMulti("l", {{"k", 5}, {"other", 1}});
         return beside(s, [&] { return std::to_string(s.hashGetAll("l").size()); });
       },
       true},
      {"F08", "1",
       [](Storage& s) {
         Lock lock = s.lockItem("l", "freekey");
         lock.unlock();
         lock.unlock();  // of nothing: nobody else's lock goes
         const Lock again = s.lockItem("l", "freekey");
         lock.unlock();
         std::string held = "0";
         std::thread([&] {
           held = refusedOr([&] { return s.lockItem("l", "freekey", Millis(0)).name(); }) ==
                          "LockTimeout"
                      ? "1"
                      : "0";
         }).join();
         return held;
       },
       true},
  };
}

}  // namespace hexpage::testing
