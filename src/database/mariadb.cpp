// MariaDB and MySQL, by libmariadb: rows one by one, inserts of many rows each.
#include <mysql.h>

#include <hexpage/error.hpp>

#include "src/database/database.hpp"
#include "src/database/database_address.hpp"

namespace hexpage {
namespace {

constexpr std::size_t kInsertBytes = std::size_t{512} << 10;
constexpr unsigned kConnectSeconds = 10;

class Mariadb : public Database {
 public:
  explicit Mariadb(const DatabaseAddress& address)
      : shown_(address.shown()), connection_(mysql_init(nullptr)) {
    MYSQL* const mysql = connection_.get();
    if (!mysql) throw std::bad_alloc();
    mysql_options(mysql, MYSQL_SET_CHARSET_NAME, "utf8mb4");
    mysql_options(mysql, MYSQL_OPT_CONNECT_TIMEOUT, &kConnectSeconds);
    if (!mysql_real_connect(mysql, address.host.empty() ? nullptr : address.host.c_str(),
                            address.user.empty() ? nullptr : address.user.c_str(),
                            address.password.c_str(), address.name.c_str(), address.port, nullptr,
                            0))
      fail();
    // What does not fit is an error, not cut short.
    execute("SET SESSION sql_mode = 'STRICT_ALL_TABLES'");
  }

  const Dialect& dialect() const override {
    static const Dialect kDialect = {"VARCHAR(768) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin",
                                     "LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
                                     "LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
                                     "BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY",
                                     "ON DUPLICATE KEY UPDATE ",
                                     "VALUES(",
                                     ")",
                                     "",
                                     "",
                                     true,
                                     '`'};
    return kDialect;
  }

  void execute(const std::string& sql) override {
    if (mysql_real_query(connection_.get(), sql.data(), sql.size()) != 0) fail();
  }

  void query(const std::string& sql, const Visit& visit) override {
    execute(sql);
    const Result result(mysql_use_result(connection_.get()));
    if (!result) fail();
    std::vector<Cell> row(mysql_num_fields(result.get()));
    const MYSQL_FIELD* const fields = mysql_fetch_fields(result.get());
    while (const MYSQL_ROW texts = mysql_fetch_row(result.get())) {
      const unsigned long* const sizes = mysql_fetch_lengths(result.get());
      for (std::size_t i = 0; i < row.size(); ++i) {
        row[i] = {};
        if (!texts[i]) continue;
        row[i] = {std::string_view(texts[i], sizes[i]), IS_NUM(fields[i].type)};
      }
      visit(row);
    }
    if (mysql_errno(connection_.get()) != 0) fail();
  }

  std::vector<std::string> columnNames(const std::string& sql) override {
    execute(sql);
    const Result result(mysql_store_result(connection_.get()));
    if (!result) fail();
    const MYSQL_FIELD* const fields = mysql_fetch_fields(result.get());
    std::vector<std::string> names;
    for (unsigned i = 0; i < mysql_num_fields(result.get()); ++i)
      names.emplace_back(fields[i].name);
    return names;
  }

  void insert(const std::string& table, const std::vector<std::string>& columns,
              const Next& next) override {
    const std::string begin = "INSERT INTO " + table + " (" + quotedList(columns) + ") VALUES ";
    std::string sql;
    Row row;
    while (next(row)) {
      sql += sql.empty() ? begin : ",";
      appendRow(sql, row);
      if (sql.size() < kInsertBytes) continue;
      execute(sql);
      sql.clear();
    }
    if (!sql.empty()) execute(sql);
  }

 private:
  struct Close {
    void operator()(MYSQL* connection) const { mysql_close(connection); }
    void operator()(MYSQL_RES* result) const { mysql_free_result(result); }
  };
  using Result = std::unique_ptr<MYSQL_RES, Close>;

  [[noreturn]] void fail() const {
    throw Error(Code::Io, shown_ + ": " + mysql_error(connection_.get()));
  }

  void appendRow(std::string& sql, const Row& row) {
    sql += '(';
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (i > 0) sql += ',';
      row[i] ? appendText(sql, *row[i]) : void(sql += "NULL");
    }
    sql += ')';
  }

  void appendText(std::string& sql, const std::string& text) {
    sql += '\'';
    const std::size_t begin = sql.size();
    sql.resize(begin + text.size() * 2 + 1);
    sql.resize(begin + mysql_real_escape_string(connection_.get(), sql.data() + begin, text.data(),
                                                text.size()));
    sql += '\'';
  }

  std::string shown_;
  std::unique_ptr<MYSQL, Close> connection_;
};

}  // namespace

std::unique_ptr<Database> openMariadb(const DatabaseAddress& address) {
  return std::make_unique<Mariadb>(address);
}

}  // namespace hexpage
