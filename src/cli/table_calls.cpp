#include "src/cli/table_calls.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <ctime>
#include <hexpage/config.hpp>
#include <hexpage/error.hpp>
#include <hexpage/json_text.hpp>
#include <limits>
#include <utility>

namespace hexpage::cli {
namespace {

std::int64_t integerOf(const std::string& word, const std::string& what) {
  std::int64_t number = 0;
  const char* const last = word.data() + word.size();
  const auto [end, error] = std::from_chars(word.data(), last, number);
  if (error != std::errc() || end != last)
    throw Error(Code::InvalidArgument, what + " must be an integer of 64 bits, not " + word);
  return number;
}

Millis lifeOf(const std::string& seconds) {
  constexpr std::int64_t kLongest = std::numeric_limits<std::int32_t>::max();
  const std::int64_t number = integerOf(seconds, "the seconds");
  if (number > kLongest)
    throw Error(Code::InvalidArgument, "at most " + std::to_string(kLongest) + " seconds, not " +
                                           seconds + "; 0 is never");
  return number > 0 ? Millis(number * 1000) : kForever;
}

bool isInteger(std::string_view json) { return json.find_first_not_of("-0123456789") == json.npos; }

// The local time, as the reference shows it.
std::string timeText(std::chrono::system_clock::time_point time) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
  std::tm local{};
  ::localtime_r(&seconds, &local);
  char text[32];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &local)};
}

Json numberOf(const Json& options, const char* member) {
  const auto found = options.find(member);
  return found != options.end() && found->is_number() ? *found : Json(0);
}

bool flagOf(const Json& options, const char* member, bool otherwise) {
  const auto found = options.find(member);
  if (found == options.end()) return otherwise;
  return found->is_boolean() ? found->get<bool>() : *found != 0;
}

}  // namespace

std::vector<std::string> TableCalls::listTables() {
  std::vector<std::string> lines;
  for (const HashInfo& info : storage_.hashes()) {
    const auto database = databaseOf(config_, info.path);
    lines.push_back(toText({{"name", info.path},
                            {"dbtable", database ? database->table : ""},
                            {"expire", numberOf(info.options, "autoexpire")},
                            {"updateexpire", flagOf(info.options, "updateexpire", true) ? 1 : 0},
                            {"length", info.length}}));
  }
  return lines;
}

std::string TableCalls::stats(const std::string& table) {
  std::uint64_t slots = 0, all = 0, least = std::numeric_limits<std::uint64_t>::max(), most = 0;
  for (const LayoutNode& node : storage_.layout(table)) {
    if (node.isIndex) continue;
    ++slots;
    all += node.items;
    least = std::min(least, node.items);
    most = std::max(most, node.items);
  }
  return toText({{"name", storage_.hashGetInfo(table).path},
                 {"slots", slots},
                 {"all", all},
                 {"min", slots == 0 ? 0 : least},
                 {"max", most}});
}

std::string TableCalls::get(const std::string& table, const std::string& key) {
  const std::string text = minified(storage_.hashGetText(table, key));
  const auto left = storage_.hashTimeToLive(table, key);
  const std::string expire =
      left ? timeText(std::chrono::system_clock::now() + *left) : std::string("NEVER");
  return "{\"item\":{\"name\":" + jsonString(key) + ",\"value\":" + text +
         ",\"flags\":" + (text.starts_with('"') ? "2" : "0") + ",\"expire\":" + jsonString(expire) +
         "}}";
}

void TableCalls::put(const std::string& table, const std::string& key, const std::string& json,
                     Millis ttl) {
  storage_.hashGetInfo(table);
  PutOptions options;
  options.ttl = ttl;
  storage_.hashPutText(table, key, json, options);
}

void TableCalls::sets(const std::string& table, const std::string& key, const std::string& value) {
  put(table, key, toText(value), Millis(0));
}

void TableCalls::seti(const std::string& table, const std::string& key, const std::string& value) {
  put(table, key, std::to_string(integerOf(value, "the value")), Millis(0));
}

void TableCalls::remove(const std::string& table, const std::string& key) {
  storage_.hashDelete(table, key);
}

void TableCalls::setex(const std::string& table, const std::string& key,
                       const std::string& seconds) {
  const Millis life = lifeOf(seconds);
  if (life == kForever)
    storage_.hashPersist(table, key);
  else
    storage_.hashExpire(table, key, life);
}

void TableCalls::setxs(const std::string& table, const std::string& key, const std::string& value,
                       const std::string& seconds) {
  put(table, key, toText(value), lifeOf(seconds));
}

void TableCalls::setxi(const std::string& table, const std::string& key, const std::string& value,
                       const std::string& seconds) {
  put(table, key, std::to_string(integerOf(value, "the value")), lifeOf(seconds));
}

void TableCalls::flush(const std::string& table) { storage_.hashDeleteAll(table); }

DatabaseTransfer TableCalls::reload(const std::string& table) {
  return storage_.hashReload(table, requireDatabase(table));
}

DatabaseTransfer TableCalls::store(const std::string& table) {
  return storage_.hashStore(table, requireDatabase(table));
}

DatabaseTable TableCalls::requireDatabase(const std::string& table) {
  const std::string path = storage_.hashGetInfo(table).path;
  auto database = databaseOf(config_, path);
  if (!database)
    throw Error(Code::InvalidArgument,
                path + " has no database; the config names one as \"databases\": {\"" + path +
                    "\": {\"url\": ...}}");
  return std::move(*database);
}

std::string dumpedItem(std::string_view key, std::string_view text) {
  const std::string value = minified(text);
  const char* const type = value.starts_with('"') ? "str" : isInteger(value) ? "int" : "json";
  return "{\"name\":" + jsonString(key) + ",\"value\":" + value + ",\"type\":\"" + type + "\"}";
}

}  // namespace hexpage::cli
