#include <lmdb.h>

#include "bench/kv/peer.hpp"

namespace hexpage::bench {
namespace {

void well(int result) { require(result == 0, std::string("lmdb: ") + mdb_strerror(result)); }
MDB_val valueOf(std::string_view text) { return {text.size(), const_cast<char*>(text.data())}; }
std::string_view textOf(const MDB_val& value) {
  return {static_cast<const char*>(value.mv_data), value.mv_size};
}

class Lmdb : public Peer {
 public:
  Lmdb(const Settings& settings, unsigned flags) {
    well(mdb_env_create(&environment_));
    well(mdb_env_set_mapsize(environment_, std::size_t{64} << 30));
    well(mdb_env_open(environment_, settings.directory.c_str(),
                      MDB_NOMEMINIT | flags | (settings.isSynced ? 0u : unsigned{MDB_NOSYNC}),
                      0666));
    begin();
    well(mdb_dbi_open(change_, nullptr, MDB_CREATE, &table_));
    commit();
  }
  ~Lmdb() override {
    mdb_env_sync(environment_, 1);
    mdb_env_close(environment_);
  }

  void begin() override { well(mdb_txn_begin(environment_, nullptr, 0, &change_)); }
  void put(std::string_view key, std::string_view value) override { putIn(change_, key, value); }
  void erase(std::string_view key) override {
    MDB_val name = valueOf(key);
    const int result = mdb_del(change_, table_, &name, nullptr);
    if (result != MDB_NOTFOUND) well(result);
  }
  void commit() override { well(mdb_txn_commit(change_)); }

  void set(std::string_view key, std::string_view value) override {
    MDB_txn* change = nullptr;
    well(mdb_txn_begin(environment_, nullptr, 0, &change));
    putIn(change, key, value);
    well(mdb_txn_commit(change));
  }
  bool read(std::string_view key, See see) override {
    Reading& reading = readingOfThread();
    MDB_val name = valueOf(key), value;
    well(mdb_txn_renew(reading.transaction));
    const int result = mdb_get(reading.transaction, table_, &name, &value);
    if (result == 0) see(textOf(value));
    mdb_txn_reset(reading.transaction);
    return result == 0;
  }
  void each(const Visit& visit) override {
    MDB_txn* reading = nullptr;
    MDB_cursor* cursor = nullptr;
    well(mdb_txn_begin(environment_, nullptr, MDB_RDONLY, &reading));
    well(mdb_cursor_open(reading, table_, &cursor));
    MDB_val key, value;
    while (mdb_cursor_get(cursor, &key, &value, MDB_NEXT) == 0) visit(textOf(key), textOf(value));
    mdb_cursor_close(cursor);
    mdb_txn_abort(reading);
  }

 private:
  // A reading transaction is made once and used again.
  struct Reading {
    MDB_env* environment = nullptr;
    MDB_txn* transaction = nullptr;
  };
  Reading& readingOfThread() {
    thread_local Reading reading;
    if (reading.environment == environment_) return reading;
    reading.environment = environment_;
    well(mdb_txn_begin(environment_, nullptr, MDB_RDONLY, &reading.transaction));
    mdb_txn_reset(reading.transaction);
    return reading;
  }
  void putIn(MDB_txn* change, std::string_view key, std::string_view value) {
    MDB_val name = valueOf(key), content = valueOf(value);
    well(mdb_put(change, table_, &name, &content, 0));
  }

  MDB_env* environment_ = nullptr;
  MDB_txn* change_ = nullptr;
  MDB_dbi table_ = 0;
};

}  // namespace

std::vector<PeerKind> lmdbKinds() {
  return {
      {"lmdb", "NOMEMINIT, NOSYNC; synced: without NOSYNC",
       [](const Settings& settings) { return std::make_unique<Lmdb>(settings, 0); }},
      {"lmdb-writemap", "NOMEMINIT, WRITEMAP, NOSYNC; synced: without NOSYNC",
       [](const Settings& settings) { return std::make_unique<Lmdb>(settings, MDB_WRITEMAP); }}};
}

}  // namespace hexpage::bench
