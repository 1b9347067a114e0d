// The table may be anyone's: it need have no id and no unique key, and has columns that are not
// ours. So:
//   1. the items go into a temporary table with columns of the same types. Here all that makes no
//      row is found; a failure leaves the table untouched.
//   2. in one transaction: rows of keys that are there change where they differ, those of new keys
//      come, and last go those of keys that the items lack.
#include "src/database/columns_writer.hpp"

#include <hexpage/error.hpp>

#include "src/database/columns_value.hpp"
#include "src/database/database.hpp"
#include "src/database/items_table.hpp"

namespace hexpage {
namespace {

using NextItem = std::function<bool(Item&)>;
const std::string& kItems = ItemsTable::kName;

class ColumnsWriter {
 public:
  ColumnsWriter(Database& database, const std::string& name, const DatabaseTable& settings)
      : database_(database),
        settings_(settings),
        name_(name),
        table_(database.quoted(name)),
        key_(database.quotedList({settings.columns.front()})),
        list_(database.quotedList(settings.columns)),
        items_(database, table_, key_) {
    for (auto column = settings.columns.begin() + 1; column != settings.columns.end(); ++column)
      values_.push_back(database.quotedList({*column}));
  }

  void write(const NextItem& next) {
    gather(next);
    refuseSameKeys();
    database_.execute("CREATE TABLE IF NOT EXISTS " + table_ + " (" + newColumns() + ")");
    DatabaseTransaction transaction(database_);
    changeRows();
    addRows();
    items_.deleteOthers();
    transaction.commit();
    items_.drop();
  }

 private:
  void gather(const NextItem& next) {
    const bool isThere = Database::hasColumn(settings_.url, name_, settings_.columns.front());
    const std::string definition = isThere ? "AS SELECT " +
                                                 database_.quotedList(settings_.columns, table_) +
                                                 " FROM " + table_ + " WHERE 1 = 0"
                                           : "(" + newColumns() + ")";
    items_.fill(definition, settings_.columns, [&](Database::Row& row) {
      Item item;
      if (!next(item)) return false;
      row = rowOf(std::move(item));
      return true;
    });
    if (isThere) indexKeys();
  }

  Database::Row rowOf(Item item) const {
    try {
      Database::Row row = unpackedColumns(settings_, item.text);
      row.insert(row.begin(), std::move(item.key));
      return row;
    } catch (const Error& error) {
      throw Error(error.code(), "item " + item.key + ": " + error.what());
    }
  }

  // MariaDB has no index of a whole text without a length: there the items are searched without.
  void indexKeys() {
    try {
      database_.execute("CREATE INDEX hexpage_items_key ON " + kItems + " (" + key_ + ")");
    } catch (const Error& error) {
      if (error.code() != Code::Io) throw;
    }
  }

  // To a column of numbers "1" and "01" are one key, to one that ignores case "a" and "A".
  void refuseSameKeys() {
    database_.query(
        "SELECT MIN(" + key_ + ") FROM " + kItems + " GROUP BY " + key_ + " HAVING COUNT(*) > 1",
        [](std::span<const Cell> row) {
          throw Error(Code::InvalidArgument, "item " + std::string(row[0].text.value_or("NULL")) +
                                                 ": another key is the same in the column of keys");
        });
  }

  // Of a table that is made.
  std::string newColumns() const {
    const Dialect& dialect = database_.dialect();
    std::string columns = key_ + " " + dialect.keyType + " NOT NULL PRIMARY KEY";
    for (const std::string& value : values_) columns += ", " + value + " " + dialect.textType;
    return columns;
  }

  void changeRows() {
    const Dialect& dialect = database_.dialect();
    std::string sets, differences;
    for (const std::string& value : values_) {
      const std::string old = table_ + "." + value, fresh = kItems + "." + value;
      sets += (sets.empty() ? "" : ", ") + (dialect.updatesJoined ? old : value) + " = " + fresh;
      differences += (differences.empty() ? "" : " OR ") + old + dialect.isNot + fresh;
    }
    if (dialect.updatesJoined)
      database_.execute("UPDATE " + table_ + " JOIN " + kItems + " ON " + items_.isSameKey() +
                        " SET " + sets);
    else
      database_.execute("UPDATE " + table_ + " SET " + sets + " FROM " + kItems + " WHERE " +
                        items_.isSameKey() + " AND (" + differences + ")");
  }

  void addRows() {
    database_.execute("INSERT INTO " + table_ + " (" + list_ + ") SELECT " +
                      database_.quotedList(settings_.columns, kItems) + " FROM " + kItems +
                      " LEFT JOIN " + table_ + " ON " + items_.isSameKey() + " WHERE " + table_ +
                      "." + key_ + " IS NULL");
  }

  Database& database_;
  const DatabaseTable& settings_;
  const std::string name_;
  const std::string table_, key_, list_;
  ItemsTable items_;
  std::vector<std::string> values_;  // columns behind the key, quoted
};

}  // namespace

void writeColumns(Database& database, const std::string& name, const DatabaseTable& table,
                  const std::function<bool(Item&)>& next) {
  ColumnsWriter(database, name, table).write(next);
}

}  // namespace hexpage
