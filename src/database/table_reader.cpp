#include "src/database/table_reader.hpp"

#include <charconv>
#include <hexpage/clock.hpp>
#include <hexpage/error.hpp>
#include <hexpage/json_text.hpp>
#include <limits>

#include "src/database/columns_value.hpp"
#include "src/database/database.hpp"
#include "src/database/missing_column.hpp"
#include "src/session.hpp"

namespace hexpage {
namespace {

using Columns = std::span<const Cell>;
const std::string kRows = "hexpage_rows";  // what the table is called in a query

[[noreturn]] void refuseRow(const std::string& why) { throw Error(Code::InvalidArgument, why); }

std::string_view textOf(const Cell& cell, const char* what) {
  if (!cell.text) refuseRow(std::string(what) + " is NULL");
  return *cell.text;
}

std::int64_t integerOf(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(' ');
  const std::size_t end = text.find_last_not_of(' ');
  std::int64_t number = 0;
  if (begin != text.npos) {
    const char* const last = text.data() + end + 1;
    const auto [stop, error] = std::from_chars(text.data() + begin, last, number);
    if (error == std::errc() && stop == last) return number;
  }
  refuseRow("no integer of 64 bits: " + std::string(text.substr(0, 40)));
}

class Reader {
 public:
  Reader(const DatabaseTable& table, Expires now, const std::function<void(Item)>& take)
      : table_(table), now_(now), take_(take) {}

  DatabaseTransfer read(Database& database, const std::string& table) {
    const std::string name = database.quoted(table) + " " + kRows;
    hasExpires_ = !table_.expires.empty() && table_.layout != DatabaseLayout::Columns &&
                  Database::hasColumn(table_.url, table, table_.expires);
    const std::string expires =
        hasExpires_ ? ", " + database.quotedList({table_.expires}, kRows) : "";
    switch (table_.layout) {
      case DatabaseLayout::Documents:
        rows(database, "SELECT item_key, value" + expires + " FROM " + name, &Reader::documentRow);
        break;
      case DatabaseLayout::Kamailio:
        rows(database, kamailioQuery(database, expires, name), &Reader::kamailioRow);
        endArray();
        break;
      case DatabaseLayout::Columns:
        rows(database, "SELECT " + database.quotedList(table_.columns, kRows) + " FROM " + name,
             &Reader::columnsRow);
        break;
    }
    return transfer_;
  }

 private:
  void rows(Database& database, const std::string& sql, void (Reader::*row)(Columns)) {
    database.query(sql, [&](Columns cells) {
      try {
        (this->*row)(cells);
      } catch (const Error& error) {
        if (error.code() != Code::InvalidArgument) throw;
        skip(cells[0].text.value_or("NULL"), error.what());
      }
    });
  }

  void skip(std::string_view key, const std::string& why) {
    const std::string problem = "row of " + std::string(key) + ": " + why;
    if (table_.isStrict) throw Error(Code::InvalidArgument, problem);
    if (transfer_.skipped++ == 0) transfer_.problem = problem;
  }

  void give(std::string_view key, std::string text, Expires expires = 0) {
    checkKey(key);
    validateDocument(text);
    if (isExpired(expires, now_)) {
      ++transfer_.expired;
      return;
    }
    take_({std::string(key), std::move(text), expires});
    ++transfer_.items;
  }

  // The last column of the row.
  Expires expiresOf(Columns row, Expires millis) const {
    if (!hasExpires_ || !row.back().text) return 0;
    const Expires time = integerOf(*row.back().text);
    if (time < 0 || time > std::numeric_limits<Expires>::max() / millis)
      refuseRow("no time at which an item expires: " + std::to_string(time));
    return time * millis;
  }

  void documentRow(Columns row) {
    give(textOf(row[0], "item_key"), std::string(textOf(row[1], "value")), expiresOf(row, 1));
  }

  std::string kamailioQuery(const Database& database, const std::string& expires,
                            const std::string& name) const {
    const KamailioColumns& names = table_.kamailio;
    return "SELECT " +
           database.quotedList({names.keyName, names.keyType, names.valueType, names.keyValue},
                               kRows) +
           expires + " FROM " + name + " ORDER BY " +
           database.quotedList({names.keyName, names.id}, kRows);
  }

  void kamailioRow(Columns row) {
    const std::string_view name = textOf(row[0], "the key");
    const bool isElement = row[1].text && *row[1].text == "1";
    const bool isInteger = row[2].text && *row[2].text == "1";
    if (!isElement || name != array_) endArray();
    const std::string_view value = textOf(row[3], "the value");
    const std::string text = isInteger ? std::to_string(integerOf(value)) : jsonString(value);
    const Expires expires = expiresOf(row, 1000);
    if (!isElement) return give(name, text, expires);
    give(std::string(name) + "[" + std::to_string(arraySize_) + "]", text, expires);
    array_ = name;
    ++arraySize_;
  }

  // The item that says how long the array is whose elements came last.
  void endArray() {
    if (arraySize_ == 0) return;
    const std::string size = std::to_string(std::exchange(arraySize_, 0));
    give(array_ + table_.kamailio.arraySizeSuffix, size);
  }

  void columnsRow(Columns row) {
    const std::string_view key = textOf(row[0], "the key");
    give(key, packedColumns(table_, row.subspan(1)));
  }

  const DatabaseTable& table_;
  const Expires now_;
  const std::function<void(Item)>& take_;
  bool hasExpires_ = false;
  DatabaseTransfer transfer_;
  std::string array_;  // whose elements come
  std::size_t arraySize_ = 0;
};

}  // namespace

DatabaseTransfer readTable(Database& database, const std::string& name, const DatabaseTable& table,
                           Expires now, const std::function<void(Item)>& take) {
  return withMissingColumnTold(table, name,
                               [&] { return Reader(table, now, take).read(database, name); });
}

}  // namespace hexpage
