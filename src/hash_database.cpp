// hashLoad, hashReload, hashStore: between a hash and a table of an SQL database.
#include <algorithm>
#include <hexpage/database.hpp>
#include <hexpage/error.hpp>
#include <hexpage/hashes.hpp>

#include "expiry.hpp"
#include "hash_options.hpp"
#include "session.hpp"
#include "src/database/database.hpp"
#include "src/database/table_reader.hpp"
#include "src/database/table_writer.hpp"
#include "support/hidden_hash.hpp"

namespace hexpage {
namespace {

constexpr std::size_t kBatchItems = 1000;
constexpr std::size_t kBatchBytes = std::size_t{1} << 20;

std::string tableName(const DatabaseTable& table, const std::string& path) {
  if (!table.table.empty()) return table.table;
  std::string name = path;
  std::replace(name.begin(), name.end(), '/', '_');
  return name;
}

void checkColumns(const DatabaseTable& table) {
  if (table.layout == DatabaseLayout::Columns && table.columns.size() < 2)
    throw Error(Code::InvalidArgument,
                "a table of columns needs the names of two or more: the key's and the value's");
}

// Calls `progress` for every thousandth item.
class Progress {
 public:
  explicit Progress(const DatabaseTable& table) : tell_(table.progress) {}
  void count() {
    if (++items_ % kBatchItems == 0 && tell_) tell_(items_);
  }

 private:
  const std::function<void(std::uint64_t)>& tell_;
  std::uint64_t items_ = 0;
};

// The items of a hash, one after the other.
class Items {
 public:
  Items(Backend& backend, const std::string& path)
      : backend_(backend), path_(path), chunk_(backend.scan(path, "")) {}

  bool next(Item& item) {
    while (position_ == chunk_.items.size()) {
      if (chunk_.next.empty()) return false;
      chunk_ = backend_.scan(path_, chunk_.next);
      position_ = 0;
    }
    item = std::move(chunk_.items[position_++]);
    return true;
  }

 private:
  Backend& backend_;
  const std::string& path_;
  Chunk chunk_;
  std::size_t position_ = 0;
};

}  // namespace

DatabaseTransfer Hashes::hashLoad(std::string_view named, const DatabaseTable& table) {
  const std::string path = session().path(named);
  checkColumns(table);
  const auto database = Database::open(table.url, Database::Access::Read);
  Progress progress(table);
  std::vector<Item> items;
  std::size_t bytes = 0;
  const auto store = [&] {
    putChecked(path, items, {});
    items.clear();
    bytes = 0;
  };
  const auto take = [&](Item item) {
    bytes += item.key.size() + item.text.size();
    items.push_back(std::move(item));
    progress.count();
    if (items.size() >= kBatchItems || bytes >= kBatchBytes) store();
  };
  const DatabaseTransfer transfer =
      readTable(*database, tableName(table, path), table, session().backend->now(), take);
  store();
  return transfer;
}

DatabaseTransfer Hashes::hashReload(std::string_view named, const DatabaseTable& table) {
  const std::string path = session().path(named);
  checkColumns(table);
  const auto database = Database::open(table.url, Database::Access::Read);
  Progress progress(table);
  const auto held = session().lockForWriting({path});
  const auto header =
      session().backend->info(path) ? session().backend->record(path) : std::nullopt;
  HiddenHash loaded(*session().backend, header ? *header : optionsText(session(), {}));
  const Expiry expiry(session(), path, Json::object(), Millis(0));
  const auto take = [&](Item item) {
    if (item.expires == 0) item.expires = expiry.ofPut(std::nullopt);
    loaded.put(std::move(item));
    progress.count();
  };
  const DatabaseTransfer transfer =
      readTable(*database, tableName(table, path), table, session().backend->now(), take);
  loaded.moveTo(path);
  return transfer;
}

DatabaseTransfer Hashes::hashStore(std::string_view named, const DatabaseTable& table) {
  const std::string path = hashGetInfo(named).path;
  checkColumns(table);
  const auto database = Database::open(table.url, Database::Access::Write);
  Progress progress(table);
  Items items(*session().backend, path);
  return writeTable(*database, tableName(table, path), table, [&](Item& item) {
    progress.count();
    return items.next(item);
  });
}

}  // namespace hexpage
