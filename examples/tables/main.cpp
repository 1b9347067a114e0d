// Counters, arrays, patterns, a cursor, and a table of a database, on a hash of visits.
#include <hexpage/hexpage.hpp>
#include <iostream>

using hexpage::HashCursor;
using hexpage::Match;
using hexpage::MatchBy;
using hexpage::MatchOn;
using hexpage::Storage;

int main() {
  Storage storage = Storage::open({{"backend", "memory"}});

  // Exact to 64 bits, whoever else counts; the documents are made as they come.
  for (const char* page : {"/", "/shop", "/shop/cart", "/", "/shop", "/"}) {
    storage.hashIncrement("visits", page, 1, {.member = "count"});
    storage.hashArrayPush("visits", page, page[1] ? "inside" : "front", {.member = "tags"});
  }
  std::cout << storage.hashGetMember("visits", "/", "count") << " visits to the front page, first "
            << storage.hashGetMember("visits", "/", "tags[0]") << "\n";

  const Match shop{.by = MatchBy::Prefix, .pattern = "/shop"};
  const Match once{.on = MatchOn::Value, .by = MatchBy::Integer, .pattern = "1", .member = "count"};
  std::cout << storage.hashCount("visits", shop) << " pages of the shop\n";
  for (const auto& [page, visit] : storage.hashMatch("visits", once))
    std::cout << "visited once: " << page << "\n";

  // Changes what it stands on, skips and repeats nothing, and holds no lock.
  for (HashCursor cursor = storage.hashCursor("visits", once); cursor.next();) cursor.erase();

  // Any SQLite, PostgreSQL or MariaDB will do.
  storage.hashStore("visits", {.url = "sqlite:///visits.db"});
  storage.hashReload("copy", {.url = "sqlite:///visits.db", .table = "visits"});
  std::cout << storage.hashGetInfo("copy").length << " pages are in the database\n";
}
