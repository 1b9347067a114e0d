#include "src/database/items_table.hpp"

#include <utility>

namespace hexpage {

ItemsTable::ItemsTable(Database& database, std::string table, const std::string& key)
    : database_(database),
      table_(std::move(table)),
      isSameKey_(table_ + "." + key + " = " + kName + "." + key) {}

void ItemsTable::fill(const std::string& definition, const std::vector<std::string>& columns,
                      const Database::Next& next) {
  database_.execute("CREATE TEMPORARY TABLE " + kName + " " + definition);
  DatabaseTransaction transaction(database_);
  database_.insert(kName, columns, next);
  transaction.commit();
}

void ItemsTable::deleteOthers() {
  database_.execute("DELETE FROM " + table_ + " WHERE NOT EXISTS (SELECT 1 FROM " + kName +
                    " WHERE " + isSameKey_ + ")");
}

void ItemsTable::drop() { database_.execute("DROP TABLE " + kName); }

}  // namespace hexpage
