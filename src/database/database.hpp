// A connection to an SQL database: what loading and storing hashes needs of one.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hexpage {

struct Cell {
  std::optional<std::string_view> text;  // nullopt is NULL
  bool isNumber = false;
};

// What databases name differently.
struct Dialect {
  std::string keyType;  // of a column of texts that are compared byte by byte, and is indexed
  std::string textType;
  std::string jsonType;
  std::string idType;  // a primary key that grows with every row
  std::string upsert;  // follows INSERT ... SELECT: of a row whose item_key is there set ...
  std::string newBegin, newEnd;  // around a column: its new value
  std::string differs;  // compares two values in the WHERE of an upsert; "" for no such thing
  std::string isNot;    // compares two values in the WHERE of an update, NULL too
  bool updatesJoined;   // UPDATE a JOIN b SET a.x, needs no isNot; else UPDATE a SET x FROM b
  char quote;           // around names
};

// Messages name the database without the password. Throws Error{Io} with the database's own reason.
// For one thread at a time.
class Database {
 public:
  enum class Access { Read, Write };

  // Throws InvalidArgument for a URL that is none or of no known kind.
  static std::unique_ptr<Database> open(std::string_view url, Access access);
  virtual ~Database() = default;

  virtual const Dialect& dialect() const = 0;
  virtual void execute(const std::string& sql) = 0;

  // Calls `visit` for each row as it comes, and does not hold them all.
  using Visit = std::function<void(std::span<const Cell> row)>;
  virtual void query(const std::string& sql, const Visit& visit) = 0;

  // Inserts rows in bulk: `next` makes the texts of the next one, or says that there is none.
  using Row = std::vector<std::optional<std::string>>;  // nullopt is NULL
  using Next = std::function<bool(Row&)>;
  virtual void insert(const std::string& table, const std::vector<std::string>& columns,
                      const Next& next) = 0;

  // The names of the columns that a query gives.
  virtual std::vector<std::string> columnNames(const std::string& sql) = 0;

  // A name as it stands in a statement; a dot parts a schema from a table.
  std::string quoted(std::string_view name) const;
  std::string quotedList(const std::vector<std::string>& names) const;
  // The same, each behind the table's quoted name or alias: where SQLite expects a value it takes a
  // quoted name by itself that is no column for a text.
  std::string quotedList(const std::vector<std::string>& names, const std::string& table) const;

  // Those of the table, as it has them; none when it is not there. Asks by a connection of its own.
  static std::vector<std::string> columnsOf(std::string_view url, const std::string& table);
  // Whether the table is there and has the column. Asks by a connection of its own.
  static bool hasColumn(std::string_view url, const std::string& table, const std::string& column);
};

// Rolls back unless committed.
class DatabaseTransaction {
 public:
  explicit DatabaseTransaction(Database& database);
  ~DatabaseTransaction();
  void commit();

 private:
  Database& database_;
  bool isOpen_ = true;
};

// The drivers, each in a file of its own.
std::unique_ptr<Database> openSqlite(const std::string& file, Database::Access access);
std::unique_ptr<Database> openPostgresql(const std::string& url);
struct DatabaseAddress;
std::unique_ptr<Database> openMariadb(const DatabaseAddress& address);

}  // namespace hexpage
