// All that a store holds, in a form in which stores of all backends compare, and something of every
// kind to put into one.
#pragma once

#include <hexpage/hexpage.hpp>
#include <map>
#include <string>
#include <vector>

#include "src/session.hpp"
#include "tests/support/stores.hpp"

namespace hexpage::testing {

using Texts = std::map<std::string, std::string>;

// Records by path, headers too; items by path and key, with the time at which they expire.
inline Texts contentOf(Storage& storage) {
  Texts content;
  for (const std::string& path : storage.list()) content[path] = minified(storage.getText(path));
  for (const HashInfo& hash : storage.hashes()) {
    Chunk chunk;
    do {
      chunk = sessionOf(storage).backend->stored().scan(hash.path, chunk.next);
      for (const Item& item : chunk.items)
        content[hash.path + ": " + item.key] = minified(item.text) + std::to_string(item.expires);
    } while (!chunk.next.empty());
  }
  return content;
}

// Three hashes of `items` + 4 items in all, two records.
inline void fillWithAll(Storage& storage, int items) {
  storage.hashCreate("empty", {{"page_size", 7}, {"owner", "me"}});
  Json many = Json::object();
  for (int i = 0; i < items; ++i) many["key " + std::to_string(i)] = {{"n", i}, {"s", "äö"}};
  storage.hashPutMulti("app/many", many, {.create = {{"page_size", 200}}});
  storage.hashPutText("odd", "\n🙂/../",
                      R"({"z":1.10,"a":[1e400,-0],"big":123456789012345678901})");
  storage.hashPutText("odd", "large", "\"" + std::string(1'100'000, 'x') + "\"");
  storage.hashPutTexts(
      "odd", std::vector<Item>{{"expiring", "1", 4'000'000'000'000}, {"expired", "2", 1'000}});
  storage.put("app/settings", {{"theme", "dark"}});
  storage.put("zone", nullptr);
}

}  // namespace hexpage::testing
