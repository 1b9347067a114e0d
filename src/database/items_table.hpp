// The items that are to be stored, as a temporary table beside the one that they go to.
#pragma once

#include <string>
#include <vector>

#include "src/database/database.hpp"

namespace hexpage {

class ItemsTable {
 public:
  static inline const std::string kName = "hexpage_items";

  // `table` and `key`, its column of keys, are quoted.
  ItemsTable(Database& database, std::string table, const std::string& key);

  // Makes it and puts the rows into it. `definition` follows the name: its columns, or a query of
  // them. All that makes no row is found here, before anything is done to the table.
  void fill(const std::string& definition, const std::vector<std::string>& columns,
            const Database::Next& next);

  // The condition that a row of the table has the key of an item.
  const std::string& isSameKey() const { return isSameKey_; }

  // Deletes the rows of the table whose keys the items lack.
  void deleteOthers();
  void drop();

 private:
  Database& database_;
  const std::string table_;
  const std::string isSameKey_;
};

}  // namespace hexpage
