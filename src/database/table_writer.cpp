#include "src/database/table_writer.hpp"

#include <charconv>
#include <hexpage/error.hpp>
#include <hexpage/json_text.hpp>

#include "src/database/columns_writer.hpp"
#include "src/database/database.hpp"
#include "src/database/items_table.hpp"
#include "src/database/missing_column.hpp"
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
      : database_(database),
        name_(name),
        table_(database.quoted(name)),
        settings_(table),
        next_(next) {}

  DatabaseTransfer write() {
    switch (settings_.layout) {
      case DatabaseLayout::Documents:
        writeDocuments();
        break;
      case DatabaseLayout::Kamailio:
        writeKamailio();
        break;
      case DatabaseLayout::Columns:
        writeColumns(database_, name_, settings_, [this](Item& item) { return take(item); });
        break;
    }
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
    const std::string itemColumns = "item_key " + dialect.keyType +
                                    " NOT NULL PRIMARY KEY, value " + dialect.jsonType +
                                    " NOT NULL";
    database_.execute("CREATE TABLE IF NOT EXISTS " + table_ + " (" + itemColumns +
                      (settings_.expires.empty() ? "" : ", " + expiresColumn("BIGINT")) + ")");
    std::vector<std::string> columns{"item_key", "value"};
    if (keepsExpires()) columns.push_back(settings_.expires);
    const bool hasExpires = columns.size() > 2;
    ItemsTable items(database_, table_, "item_key");
    items.fill("(" + itemColumns + (hasExpires ? ", " + expiresColumn("BIGINT") : "") + ")",
               columns, [&](Database::Row& row) { return documentRow(row, hasExpires); });
    const std::string list = database_.quotedList(columns);
    DatabaseTransaction transaction(database_);
    database_.execute("INSERT INTO " + table_ + " (" + list + ") SELECT " + list + " FROM " +
                      ItemsTable::kName + " WHERE 1 = 1 " +
                      upsert({columns.begin() + 1, columns.end()}));
    items.deleteOthers();
    transaction.commit();
    items.drop();
  }

  bool documentRow(Database::Row& row, bool hasExpires) {
    Item item;
    if (!take(item)) return false;
    row = {std::move(item.key), std::move(item.text)};
    if (hasExpires) row.push_back(std::to_string(item.expires));
    return true;
  }

  std::string upsert(const std::vector<std::string>& columns) const {
    const Dialect& dialect = database_.dialect();
    std::string sets, differences;
    for (const std::string& column : columns) {
      const std::string name = database_.quotedList({column});
      const std::string next = dialect.newBegin + name + dialect.newEnd;
      sets += (sets.empty() ? "" : ", ") + name + " = " + next;
      differences += (differences.empty() ? "" : " OR ") + name + dialect.differs + next;
    }
    return dialect.upsert + sets + (dialect.differs.empty() ? "" : " WHERE " + differences);
  }

  std::string expiresColumn(const std::string& type) const {
    return database_.quotedList({settings_.expires}) + " " + type + " NOT NULL DEFAULT 0";
  }

  // Asked once the table is there.
  bool keepsExpires() const {
    return !settings_.expires.empty() &&
           Database::hasColumn(settings_.url, name_, settings_.expires);
  }

  // The table has no key but its id, so new rows come behind the old ones, which then go.
  void writeKamailio() {
    const KamailioColumns& names = settings_.kamailio;
    createKamailioTable();
    std::vector<std::string> columns{names.keyName, names.keyType, names.valueType, names.keyValue};
    if (keepsExpires()) columns.push_back(settings_.expires);
    DatabaseTransaction transaction(database_);
    std::string last;
    const std::string id = database_.quotedList({names.id}, table_);
    database_.query("SELECT MAX(" + id + ") FROM " + table_,
                    [&](std::span<const Cell> row) { last = row[0].text.value_or(""); });
    database_.insert(table_, columns,
                     [&](Database::Row& row) { return kamailioRow(row, columns.size() > 4); });
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
                      ", " + column(names.keyValue, dialect.textType + " NOT NULL") +
                      (settings_.expires.empty() ? "" : ", " + expiresColumn("INTEGER")) + ")");
  }

  // Whole seconds there: rather too long than too short.
  bool kamailioRow(Database::Row& row, bool hasExpires) {
    Item item;
    if (!take(item)) return false;
    const std::string text = minified(item.text);
    const bool isNumber = isInteger(text);
    row = {std::move(item.key), "0", isNumber ? "1" : "0",
           text.starts_with('"') ? unquoted(text) : text};
    if (hasExpires) row.push_back(std::to_string(item.expires / 1000 + (item.expires % 1000 > 0)));
    return true;
  }

  Database& database_;
  const std::string name_;
  const std::string table_;
  const DatabaseTable& settings_;
  const NextItem& next_;
  DatabaseTransfer transfer_;
};

}  // namespace

DatabaseTransfer writeTable(Database& database, const std::string& name, const DatabaseTable& table,
                            const std::function<bool(Item&)>& next) {
  return withMissingColumnTold(table, name,
                               [&] { return Writer(database, name, table, next).write(); });
}

}  // namespace hexpage
