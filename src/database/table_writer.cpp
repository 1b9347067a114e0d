#include "src/database/table_writer.hpp"

#include <charconv>
#include <hexpage/error.hpp>
#include <hexpage/json_text.hpp>

#include "src/database/database.hpp"
#include "support/json_scanner.hpp"

namespace hexpage {
namespace {

using NextItem = std::function<bool(Item&)>;

bool isInteger(std::string_view text) {
  std::int64_t number = 0;
  const char* const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, number);
  return error == std::errc() && end == last;
}

class Writer {
 public:
  Writer(Database& database, const std::string& name, const DatabaseTable& table,
         const NextItem& next)
      : database_(database), table_(database.quoted(name)), settings_(table), next_(next) {}

  DatabaseTransfer write() {
    if (settings_.layout == DatabaseLayout::Columns)
      throw Error(Code::InvalidArgument, "a table of columns can only be loaded, not stored to");
    settings_.layout == DatabaseLayout::Documents ? writeDocuments() : writeKamailio();
    return transfer_;
  }

 private:
  bool take(Item& item) {
    if (!next_(item)) return false;
    ++transfer_.items;
    return true;
  }

  // Rows that are right already are not touched, and readers never see a half of it.
  void writeDocuments() {
    const Dialect& dialect = database_.dialect();
    const std::string columns = " (item_key " + dialect.keyType + " NOT NULL PRIMARY KEY, value " +
                                dialect.jsonType + " NOT NULL)";
    database_.execute("CREATE TABLE IF NOT EXISTS " + table_ + columns);
    DatabaseTransaction transaction(database_);
    database_.execute("CREATE TEMPORARY TABLE hexpage_items" + columns);
    database_.insert("hexpage_items", {"item_key", "value"}, [&](Database::Row& row) {
      Item item;
      if (!take(item)) return false;
      row = {std::move(item.key), std::move(item.text)};
      return true;
    });
    database_.execute("INSERT INTO " + table_ +
                      " (item_key, value) SELECT item_key, value FROM hexpage_items WHERE 1 = 1 " +
                      dialect.upsert);
    database_.execute("DELETE FROM " + table_ +
                      " WHERE NOT EXISTS (SELECT 1 FROM hexpage_items WHERE hexpage_items.item_key "
                      "= " +
                      table_ + ".item_key)");
    transaction.commit();
    database_.execute("DROP TABLE hexpage_items");
  }

  // The table has no key but its id, so new rows come behind the old ones, which then go.
  void writeKamailio() {
    const KamailioColumns& names = settings_.kamailio;
    createKamailioTable();
    DatabaseTransaction transaction(database_);
    std::string last;
    const std::string id = database_.quotedList({names.id});
    database_.query("SELECT MAX(" + id + ") FROM " + table_,
                    [&](std::span<const Cell> row) { last = row[0].text.value_or(""); });
    database_.insert(table_, {names.keyName, names.keyType, names.valueType, names.keyValue},
                     [&](Database::Row& row) { return kamailioRow(row); });
    if (!last.empty()) database_.execute("DELETE FROM " + table_ + " WHERE " + id + " <= " + last);
    transaction.commit();
  }

  void createKamailioTable() {
    const KamailioColumns& names = settings_.kamailio;
    const Dialect& dialect = database_.dialect();
    const auto column = [&](const std::string& name, const std::string& type) {
      return database_.quotedList({name}) + " " + type;
    };
    const std::string integer = "INTEGER NOT NULL DEFAULT 0";
    database_.execute("CREATE TABLE IF NOT EXISTS " + table_ + " (" +
                      column(names.id, dialect.idType) + ", " +
                      column(names.keyName, dialect.keyType + " NOT NULL") + ", " +
                      column(names.keyType, integer) + ", " + column(names.valueType, integer) +
                      ", " + column(names.keyValue, dialect.textType + " NOT NULL") + ", " +
                      column("expires", integer) + ")");
  }

  bool kamailioRow(Database::Row& row) {
    Item item;
    if (!take(item)) return false;
    const std::string text = minified(item.text);
    const bool isNumber = isInteger(text);
    row = {std::move(item.key), "0", isNumber ? "1" : "0",
           text.starts_with('"') ? unquoted(text) : text};
    return true;
  }

  Database& database_;
  const std::string table_;
  const DatabaseTable& settings_;
  const NextItem& next_;
  DatabaseTransfer transfer_;
};

}  // namespace

DatabaseTransfer writeTable(Database& database, const std::string& name, const DatabaseTable& table,
                            const std::function<bool(Item&)>& next) {
  return Writer(database, name, table, next).write();
}

}  // namespace hexpage
