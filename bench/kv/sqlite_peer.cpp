#include <sqlite3.h>

#include "bench/kv/peer.hpp"

namespace hexpage::bench {
namespace {

class Sqlite : public Peer {
 public:
  explicit Sqlite(const Settings& settings) {
    well(sqlite3_open((settings.directory + "/store.db").c_str(), &store_));
    run("PRAGMA page_size = 8192");
    run("PRAGMA journal_mode = WAL");
    run(settings.isSynced ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = OFF");
    run("PRAGMA cache_size = -524288");
    run("PRAGMA mmap_size = 17179869184");
    run("CREATE TABLE IF NOT EXISTS t (k BLOB PRIMARY KEY, v BLOB) WITHOUT ROWID");
    put_ = prepared("INSERT OR REPLACE INTO t VALUES (?, ?)");
    erase_ = prepared("DELETE FROM t WHERE k = ?");
    get_ = prepared("SELECT v FROM t WHERE k = ?");
  }
  ~Sqlite() override {
    for (sqlite3_stmt* statement : {put_, erase_, get_}) sqlite3_finalize(statement);
    sqlite3_close(store_);
  }

  void begin() override { run("BEGIN IMMEDIATE"); }
  void put(std::string_view key, std::string_view value) override {
    bind(put_, 1, key);
    bind(put_, 2, value);
    finish(put_);
  }
  void erase(std::string_view key) override {
    bind(erase_, 1, key);
    finish(erase_);
  }
  void commit() override { run("COMMIT"); }
  void set(std::string_view key, std::string_view value) override { put(key, value); }
  bool read(std::string_view key, See see) override {
    bind(get_, 1, key);
    const bool isFound = sqlite3_step(get_) == SQLITE_ROW;
    if (isFound) see(column(get_, 0));
    sqlite3_reset(get_);
    return isFound;
  }
  void each(const Visit& visit) override {
    sqlite3_stmt* const all = prepared("SELECT k, v FROM t");
    while (sqlite3_step(all) == SQLITE_ROW) visit(column(all, 0), column(all, 1));
    sqlite3_finalize(all);
  }
  bool canCompact() const override { return true; }
  void compact() override {
    run("VACUUM");
    run("PRAGMA wal_checkpoint(TRUNCATE)");
  }

 private:
  void well(int result) {
    require(result == SQLITE_OK, std::string("sqlite: ") + sqlite3_errmsg(store_));
  }
  void run(const char* statement) {
    well(sqlite3_exec(store_, statement, nullptr, nullptr, nullptr));
  }
  sqlite3_stmt* prepared(const char* text) {
    sqlite3_stmt* statement = nullptr;
    well(sqlite3_prepare_v3(store_, text, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr));
    return statement;
  }
  void bind(sqlite3_stmt* statement, int i, std::string_view bytes) {
    well(sqlite3_bind_blob(statement, i, bytes.data(), static_cast<int>(bytes.size()),
                           SQLITE_STATIC));
  }
  void finish(sqlite3_stmt* statement) {
    require(sqlite3_step(statement) == SQLITE_DONE, sqlite3_errmsg(store_));
    sqlite3_reset(statement);
  }
  static std::string_view column(sqlite3_stmt* statement, int i) {
    return {static_cast<const char*>(sqlite3_column_blob(statement, i)),
            static_cast<std::size_t>(sqlite3_column_bytes(statement, i))};
  }

  sqlite3* store_ = nullptr;
  sqlite3_stmt* put_ = nullptr;
  sqlite3_stmt* erase_ = nullptr;
  sqlite3_stmt* get_ = nullptr;
};

}  // namespace

PeerKind sqliteKind() {
  return {
      "sqlite",
      "WITHOUT ROWID, pages of 8 KiB, WAL, synchronous OFF (synced: FULL), cache 512 MiB, mapped",
      [](const Settings& settings) { return std::make_unique<Sqlite>(settings); }, false};
}

}  // namespace hexpage::bench
