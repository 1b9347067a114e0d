// The administrative calls of Kamailio's htable on hashes as its tables, by its names, and their
// answers as JSON text. A table is a hash that is there; a name that is not is NoSuchKey.
#pragma once

#include <hexpage/database.hpp>
#include <hexpage/storage.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace hexpage::cli {

class TableCalls {
 public:
  // The config says where a table lies in a database. Both must outlive this.
  TableCalls(Storage& storage, const Json& config) : storage_(storage), config_(config) {}

  // An object for each table: its name, what it says of expiry (in seconds) and of its database.
  std::vector<std::string> listTables();
  // How its items lie in pages or shards: {"name":..,"slots":..,"all":..,"min":..,"max":..}.
  std::string stats(const std::string& table);

  // {"item":{"name":..,"value":..,"flags":..,"expire":..}}; flags are 2 for a string, else 0.
  std::string get(const std::string& table, const std::string& key);
  void sets(const std::string& table, const std::string& key, const std::string& value);
  void seti(const std::string& table, const std::string& key, const std::string& value);
  void remove(const std::string& table, const std::string& key);

  // Whole seconds from now; 0 or less: never.
  void setex(const std::string& table, const std::string& key, const std::string& seconds);
  void setxs(const std::string& table, const std::string& key, const std::string& value,
             const std::string& seconds);
  void setxi(const std::string& table, const std::string& key, const std::string& value,
             const std::string& seconds);

  void flush(const std::string& table);
  // From and to the database that the config names for the table.
  DatabaseTransfer reload(const std::string& table);
  DatabaseTransfer store(const std::string& table);

 private:
  void put(const std::string& table, const std::string& key, const std::string& json, Millis ttl);
  DatabaseTable requireDatabase(const std::string& table);

  Storage& storage_;
  const Json& config_;
};

// {"name":..,"value":..,"type":..}; the type is "str", "int" or "json".
std::string dumpedItem(std::string_view key, std::string_view text);

}  // namespace hexpage::cli
