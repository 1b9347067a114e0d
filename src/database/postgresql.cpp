// PostgreSQL, by libpq: rows one by one, inserts by COPY.
#include <libpq-fe.h>

#include <hexpage/error.hpp>

#include "src/database/database.hpp"
#include "src/database/database_address.hpp"

namespace hexpage {
namespace {

constexpr std::size_t kCopyBytes = std::size_t{64} << 10;

// int8, int2, int4, float4, float8, numeric, as the server's catalogue numbers them.
bool isNumeric(Oid type) {
  switch (type) {
    case 20:
    case 21:
    case 23:
    case 700:
    case 701:
    case 1700:
      return true;
    default:
      return false;
  }
}

// A field of COPY's text format.
void appendField(std::string& out, std::string_view text) {
  for (const char c : text) {
    switch (c) {
      case '\\':
        out += "\\\\";
        break;
      case '\t':
        out += "\\t";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      default:
        out += c;
    }
  }
}

class Postgresql : public Database {
 public:
  explicit Postgresql(const std::string& url)
      : shown_(DatabaseAddress::parse(url).shown()), connection_(PQconnectdb(url.c_str())) {
    if (PQstatus(connection_.get()) != CONNECTION_OK) fail();
    PQsetNoticeProcessor(
        connection_.get(), [](void*, const char*) {}, nullptr);
    if (PQsetClientEncoding(connection_.get(), "UTF8") != 0) fail();
  }

  const Dialect& dialect() const override {
    static const Dialect kDialect = {"TEXT COLLATE \"C\"",
                                     "TEXT",
                                     "JSON",
                                     "BIGSERIAL PRIMARY KEY",
                                     "ON CONFLICT (item_key) DO UPDATE SET ",
                                     "excluded.",
                                     "",
                                     "",
                                     " IS DISTINCT FROM ",
                                     false,
                                     '"'};
    return kDialect;
  }

  void execute(const std::string& sql) override { run(sql, PGRES_COMMAND_OK); }

  void query(const std::string& sql, const Visit& visit) override {
    if (!PQsendQuery(connection_.get(), sql.c_str()) || !PQsetSingleRowMode(connection_.get()))
      fail();
    while (const Result result{PQgetResult(connection_.get())}) {
      const ExecStatusType status = PQresultStatus(result.get());
      if (status != PGRES_SINGLE_TUPLE && status != PGRES_TUPLES_OK) fail();
      if (status == PGRES_SINGLE_TUPLE) visit(cellsOf(result.get()));
    }
  }

  std::vector<std::string> columnNames(const std::string& sql) override {
    const Result result = run(sql, PGRES_TUPLES_OK);
    std::vector<std::string> names;
    for (int i = 0; i < PQnfields(result.get()); ++i) names.emplace_back(PQfname(result.get(), i));
    return names;
  }

  void insert(const std::string& table, const std::vector<std::string>& columns,
              const Next& next) override {
    run("COPY " + table + " (" + quotedList(columns) + ") FROM STDIN", PGRES_COPY_IN);
    try {
      sendRows(next);
    } catch (...) {
      PQputCopyEnd(connection_.get(), "given up");
      finishCopy();
      throw;
    }
    if (PQputCopyEnd(connection_.get(), nullptr) != 1 || !finishCopy()) fail();
  }

 private:
  struct Close {
    void operator()(PGconn* connection) const { PQfinish(connection); }
    void operator()(PGresult* result) const { PQclear(result); }
  };
  using Result = std::unique_ptr<PGresult, Close>;

  [[noreturn]] void fail() const {
    std::string reason = PQerrorMessage(connection_.get());
    while (reason.ends_with('\n')) reason.pop_back();
    throw Error(Code::Io, shown_ + ": " + reason);
  }

  Result run(const std::string& sql, ExecStatusType expected) {
    Result result(PQexec(connection_.get(), sql.c_str()));
    if (PQresultStatus(result.get()) != expected) fail();
    return result;
  }

  std::vector<Cell> cellsOf(PGresult* result) const {
    std::vector<Cell> cells(static_cast<std::size_t>(PQnfields(result)));
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const int field = static_cast<int>(i);
      if (PQgetisnull(result, 0, field)) continue;
      cells[i].text = std::string_view(PQgetvalue(result, 0, field),
                                       static_cast<std::size_t>(PQgetlength(result, 0, field)));
      cells[i].isNumber = isNumeric(PQftype(result, field));
    }
    return cells;
  }

  void sendRows(const Next& next) {
    Row row;
    std::string pending;
    const auto send = [&] {
      if (PQputCopyData(connection_.get(), pending.data(), static_cast<int>(pending.size())) != 1)
        fail();
      pending.clear();
    };
    while (next(row)) {
      for (std::size_t i = 0; i < row.size(); ++i) {
        if (i > 0) pending += '\t';
        row[i] ? appendField(pending, *row[i]) : void(pending += "\\N");
      }
      pending += '\n';
      if (pending.size() >= kCopyBytes) send();
    }
    if (!pending.empty()) send();
  }

  // Whether the server took all of it.
  bool finishCopy() {
    bool isDone = true;
    while (const Result result{PQgetResult(connection_.get())})
      isDone = isDone && PQresultStatus(result.get()) == PGRES_COMMAND_OK;
    return isDone;
  }

  std::string shown_;
  std::unique_ptr<PGconn, Close> connection_;
};

}  // namespace

std::unique_ptr<Database> openPostgresql(const std::string& url) {
  return std::make_unique<Postgresql>(url);
}

}  // namespace hexpage
