// SQLite, by its own C interface.
#include <sqlite3.h>

#include <hexpage/error.hpp>

#include "src/database/database.hpp"

namespace hexpage {
namespace {

constexpr int kBusyMillis = 10'000;

class Sqlite : public Database {
 public:
  Sqlite(const std::string& file, Access access) : file_(file) {
    const int flags =
        access == Access::Read ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    sqlite3* opened = nullptr;
    const int code = sqlite3_open_v2(file.c_str(), &opened, flags, nullptr);
    connection_.reset(opened);
    if (code != SQLITE_OK) fail();
    sqlite3_extended_result_codes(opened, 1);
    sqlite3_busy_timeout(opened, kBusyMillis);
  }

  const Dialect& dialect() const override {
    static const Dialect kDialect = {"TEXT",
                                     "TEXT",
                                     "TEXT",
                                     "INTEGER PRIMARY KEY AUTOINCREMENT",
                                     "ON CONFLICT (item_key) DO UPDATE SET ",
                                     "excluded.",
                                     "",
                                     " IS NOT ",
                                     " IS NOT ",
                                     false,
                                     '"'};
    return kDialect;
  }

  void execute(const std::string& sql) override {
    if (sqlite3_exec(connection_.get(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
      fail();
  }

  void query(const std::string& sql, const Visit& visit) override {
    const Statement statement = prepared(sql);
    std::vector<Cell> row(static_cast<std::size_t>(sqlite3_column_count(statement.get())));
    while (step(statement)) {
      for (std::size_t i = 0; i < row.size(); ++i)
        row[i] = cell(statement.get(), static_cast<int>(i));
      visit(row);
    }
  }

  std::vector<std::string> columnNames(const std::string& sql) override {
    const Statement statement = prepared(sql);
    std::vector<std::string> names;
    for (int i = 0; i < sqlite3_column_count(statement.get()); ++i)
      names.emplace_back(sqlite3_column_name(statement.get(), i));
    return names;
  }

  void insert(const std::string& table, const std::vector<std::string>& columns,
              const Next& next) override {
    std::string marks = "?";
    for (std::size_t i = 1; i < columns.size(); ++i) marks += ",?";
    const Statement statement =
        prepared("INSERT INTO " + table + " (" + quotedList(columns) + ") VALUES (" + marks + ")");
    Row row;
    while (next(row)) {
      for (std::size_t i = 0; i < row.size(); ++i)
        bind(statement.get(), static_cast<int>(i + 1), row[i]);
      step(statement);
      sqlite3_reset(statement.get());
    }
  }

 private:
  struct Close {
    void operator()(sqlite3* connection) const { sqlite3_close(connection); }
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  using Statement = std::unique_ptr<sqlite3_stmt, Close>;

  [[noreturn]] void fail() const {
    const char* const reason =
        connection_ ? sqlite3_errmsg(connection_.get()) : "not enough memory";
    throw Error(Code::Io, "sqlite " + file_ + ": " + reason);
  }

  Statement prepared(const std::string& sql) const {
    sqlite3_stmt* made = nullptr;
    const int code = sqlite3_prepare_v2(connection_.get(), sql.c_str(),
                                        static_cast<int>(sql.size()), &made, nullptr);
    Statement statement(made);
    if (code != SQLITE_OK) fail();
    return statement;
  }

  // The text must outlive the step.
  static void bind(sqlite3_stmt* statement, int i, const std::optional<std::string>& text) {
    if (text)
      sqlite3_bind_text64(statement, i, text->data(), text->size(), SQLITE_STATIC, SQLITE_UTF8);
    else
      sqlite3_bind_null(statement, i);
  }

  // Whether it stands on a row.
  bool step(const Statement& statement) const {
    const int code = sqlite3_step(statement.get());
    if (code != SQLITE_ROW && code != SQLITE_DONE) fail();
    return code == SQLITE_ROW;
  }

  static Cell cell(sqlite3_stmt* statement, int i) {
    const int type = sqlite3_column_type(statement, i);
    if (type == SQLITE_NULL) return {};
    const bool isNumber = type == SQLITE_INTEGER || type == SQLITE_FLOAT;
    const auto* const text = reinterpret_cast<const char*>(sqlite3_column_text(statement, i));
    return {std::string_view(text, static_cast<std::size_t>(sqlite3_column_bytes(statement, i))),
            isNumber};
  }

  std::string file_;
  std::unique_ptr<sqlite3, Close> connection_;
};

}  // namespace

std::unique_ptr<Database> openSqlite(const std::string& file, Database::Access access) {
  return std::make_unique<Sqlite>(file, access);
}

}  // namespace hexpage
