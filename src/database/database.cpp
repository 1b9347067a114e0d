#include "src/database/database.hpp"

#include <exception>
#include <hexpage/error.hpp>

#include "src/database/database_address.hpp"

namespace hexpage {
namespace {

std::string quotedPart(std::string_view name, char quote) {
  std::string out(1, quote);
  for (const char c : name) {
    out += c;
    if (c == quote) out += c;
  }
  return out + quote;
}

const std::string kProbe = "hexpage_probe";

// The names of what is selected of the table; none when it is not to be had.
std::vector<std::string> columnsGiven(Database& database, const std::string& selected,
                                      const std::string& table) {
  try {
    return database.columnNames("SELECT " + selected + " FROM " + database.quoted(table) + " " +
                                kProbe + " WHERE 1 = 0");
  } catch (const Error& error) {
    if (error.code() != Code::Io) throw;
    return {};
  }
}

}  // namespace

std::unique_ptr<Database> Database::open(std::string_view url, Access access) {
  const DatabaseAddress address = DatabaseAddress::parse(url);
  if (address.scheme == "sqlite") {
    if (!address.host.empty())
      throw Error(Code::InvalidArgument,
                  "database url: three slashes before a file, four before an absolute one: "
                  "sqlite:///" +
                      address.host + "/" + address.name);
    return openSqlite(address.name, access);
  }
  if (address.scheme == "postgresql" || address.scheme == "postgres")
    return openPostgresql(std::string(url));
  if (address.scheme == "mysql" || address.scheme == "mariadb") return openMariadb(address);
  throw Error(Code::InvalidArgument, "database url: unknown scheme \"" + address.scheme +
                                         "\"; known: sqlite, postgresql, mysql, mariadb");
}

std::string Database::quoted(std::string_view name) const {
  const char quote = dialect().quote;
  const std::size_t dot = name.find('.');
  if (dot == name.npos) return quotedPart(name, quote);
  return quotedPart(name.substr(0, dot), quote) + "." + quotedPart(name.substr(dot + 1), quote);
}

std::string Database::quotedList(const std::vector<std::string>& names) const {
  std::string list;
  for (const std::string& name : names)
    list.append(list.empty() ? "" : ", ").append(quotedPart(name, dialect().quote));
  return list;
}

std::string Database::quotedList(const std::vector<std::string>& names,
                                 const std::string& table) const {
  std::string list;
  for (const std::string& name : names)
    list.append(list.empty() ? "" : ", ").append(table + ".").append(quotedList({name}));
  return list;
}

DatabaseTransaction::DatabaseTransaction(Database& database) : database_(database) {
  database_.execute("BEGIN");
}

DatabaseTransaction::~DatabaseTransaction() {
  if (!isOpen_) return;
  try {
    database_.execute("ROLLBACK");
  } catch (const std::exception&) {  // the end of the connection rolls back as well
  }
}

void DatabaseTransaction::commit() {
  database_.execute("COMMIT");
  isOpen_ = false;
}

std::vector<std::string> Database::columnsOf(std::string_view url, const std::string& table) {
  return columnsGiven(*open(url, Access::Read), "*", table);
}

bool Database::hasColumn(std::string_view url, const std::string& table,
                         const std::string& column) {
  const auto database = open(url, Access::Read);
  return !columnsGiven(*database, database->quotedList({column}, kProbe), table).empty();
}

}  // namespace hexpage
