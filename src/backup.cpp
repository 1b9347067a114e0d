#include <hexpage/backup.hpp>

#include <algorithm>
#include <array>
#include <hexpage/error.hpp>
#include <map>
#include <random>
#include <span>
#include <utility>
#include <vector>

#include "backup_stream.hpp"
#include "migration_state.hpp"
#include "session.hpp"
#include "support/header.hpp"
#include "support/path_rules.hpp"

namespace hexpage {
namespace {

constexpr std::size_t kKeysAtOnce = 256;

std::string newId() {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::random_device random;
  std::string id;
  for (int i = 0; i < 32; ++i) id += kDigits[random() % 16];
  return id;
}

// A header without what the backend says, laid out alike everywhere.
std::string plainHeader(const std::string& path, std::string text) {
  auto header = Header::parse(std::move(text));
  if (!header) throw Error(Code::Corrupt, "header of " + path + ": not one");
  header->setLength(0);
  header->setStyle(Style::Compact);
  return header->text();
}

// Nothing may be left out without a word.
[[noreturn]] void throwNotThere(const std::string& path) {
  throw Error(Code::Corrupt, path + " is listed, but not there; see `hexpage verify`");
}

// What an earlier backup says of the state then.
class Earlier : public BackupVisitor {
 public:
  struct Hash {
    std::string header;
    BackupHashEnd end;
  };

  explicit Earlier(const BackupSource& source) { readBackup(source, *this); }

  const std::string& id() const { return head_.id; }
  const std::string& moment() const { return head_.moment; }
  // Null when it has no such hash.
  const Hash* find(const std::string& path) const {
    const auto found = hashes_.find(path);
    return found == hashes_.end() ? nullptr : &found->second;
  }

  void head(const BackupHead& head) override { head_ = head; }
  void hash(BackupHash hash) override {
    current_ = &hashes_[hash.path];
    current_->header = std::move(hash.header);
  }
  void item(Item) override {}
  void hashEnd(BackupHashEnd end) override { current_->end = std::move(end); }

 private:
  BackupHead head_;
  std::map<std::string, Hash, std::less<>> hashes_;
  Hash* current_ = nullptr;
};

// Gives items a chunk at a time, from the beginning whenever it is called.
using EachItem = std::function<void(const std::function<void(const Item&)>& visit)>;

class BackupRun {
 public:
  BackupRun(Backend& backend, const BackupSink& sink, const BackupOptions& options)
      : options_(options), writer_(sink) {
    if (options.since) earlier_.emplace(*options.since);
    view_ = backend.snapshot();
  }

  BackupContents run() {
    contents_.id = newId();
    writer_.head({contents_.id, earlier_ ? earlier_->id() : "", view_->moment()});
    eachPath([&](const PathEntry& entry) {
      if (!entry.isHash) return;
      if (const auto info = view_->info(entry.path)) progress_.totalItems += info->length;
    });
    eachPath([&](const PathEntry& entry) {
      if (entry.isHash) writeHash(entry.path);
    });
    writeRecords();
    writer_.end(contents_);
    return contents_;
  }

 private:
  template <class Visit>
  void eachPath(Visit visit) {
    std::string cursor;
    do {
      const PathChunk chunk = view_->paths("", cursor);
      for (const PathEntry& entry : chunk.entries)
        if (!isWithin(entry.path, kMigrationFolder)) visit(entry);
      cursor = chunk.next;
    } while (!cursor.empty());
  }

  void writeHash(const std::string& path) {
    const auto info = view_->info(path);
    const auto header = view_->record(path);
    if (!info || !header) throwNotThere(path);
    progress_.path = path;
    ++contents_.hashes;
    contents_.items += info->length;
    const EachItem items = [&](const auto& visit) {
      Chunk chunk;
      do {
        chunk = view_->scan(path, chunk.next);
        for (const Item& item : chunk.items) visit(item);
      } while (!chunk.next.empty());
    };
    write({path, plainHeader(path, *header), std::nullopt}, info->length, items);
  }

  void writeRecords() {
    progress_.path.clear();
    eachPath([&](const PathEntry& entry) { contents_.records += !entry.isHash; });
    const EachItem items = [&](const auto& visit) {
      eachPath([&](const PathEntry& entry) {
        if (entry.isHash) return;
        auto text = view_->record(entry.path);
        if (!text) throwNotThere(entry.path);
        visit(Item{entry.path, std::move(*text), 0});
      });
    };
    write({"", "", std::nullopt}, contents_.records, items);
  }

  // Only the changes where the earlier backup allows it.
  void write(BackupHash hash, std::uint64_t length, const EachItem& items) {
    const Earlier::Hash* const before = earlier_ ? earlier_->find(hash.path) : nullptr;
    const bool isSame = before && before->header == hash.header;
    if (isSame) hash.keys = changedKeys(hash.path);
    if (hash.keys && hash.keys->empty())
      writeUnchanged(std::move(hash), before->end);
    else if (isSame && before->end.table.suits(length))
      writeChanges(std::move(hash), before->end.table, items);
    else
      writeWhole(std::move(hash), length, items);
    tell();
  }

  // nullopt when they are not known. The plain records have no path to ask about.
  std::optional<std::vector<std::string>> changedKeys(const std::string& path) const {
    if (path.empty() || earlier_->moment().empty()) return std::nullopt;
    return view_->changedKeys(path, earlier_->moment());
  }

  // Needs no look at its items.
  void writeUnchanged(BackupHash hash, const BackupHashEnd& before) {
    writer_.hash(hash);
    writer_.hashEnd(before);
    progress_.items += before.digest.items;
  }

  void writeWhole(BackupHash hash, std::uint64_t length, const EachItem& items) {
    hash.keys.reset();
    writer_.hash(hash);
    BackupHashEnd end{{}, BucketTable::forItems(length)};
    items([&](const Item& item) {
      add(item, end);
      writeItem(item);
    });
    writer_.hashEnd(end);
  }

  void writeChanges(BackupHash hash, const BucketTable& before, const EachItem& items) {
    BackupHashEnd end{{}, BucketTable::like(before)};
    items([&](const Item& item) { add(item, end); });
    if (hash.keys)
      writeKeys(hash);
    else
      writeBuckets(std::move(hash), before, end.table, items);
    writer_.hashEnd(end);
  }

  // Those that are there of the keys.
  void writeKeys(const BackupHash& hash) {
    writer_.hash(hash);
    const std::vector<std::string_view> keys(hash.keys->begin(), hash.keys->end());
    for (std::size_t at = 0; at < keys.size(); at += kKeysAtOnce) {
      const auto some = std::span(keys).subspan(at, std::min(kKeysAtOnce, keys.size() - at));
      auto values = view_->get(hash.path, some);
      for (std::size_t i = 0; i < some.size(); ++i)
        if (values[i])
          writeItem({std::string(some[i]), std::move(values[i]->text), values[i]->expires});
    }
  }

  void writeBuckets(BackupHash hash, const BucketTable& before, const BucketTable& now,
                    const EachItem& items) {
    const auto& sums = now.sums();
    hash.buckets.emplace();
    for (std::size_t i = 0; i < sums.size(); ++i)
      if (sums[i] != before.sums()[i]) hash.buckets->push_back(i);
    writer_.hash(hash);
    if (!hash.buckets->empty())
      items([&](const Item& item) {
        const std::size_t bucket = now.bucketOf(item.key);
        if (sums[bucket] != before.sums()[bucket]) writeItem(item);
      });
  }

  void add(const Item& item, BackupHashEnd& end) {
    end.table.add(item.key, end.digest.add(item));
    if (++progress_.items % 1024 == 0) tell();
  }

  void writeItem(const Item& item) {
    writer_.item(item);
    ++contents_.written;
  }

  void tell() {
    if (options_.progress) options_.progress(progress_);
  }

  const BackupOptions& options_;
  BackupWriter writer_;
  std::optional<Earlier> earlier_;
  std::unique_ptr<View> view_;
  BackupContents contents_;
  BackupProgress progress_;
};

class Nothing : public BackupVisitor {
  void head(const BackupHead&) override {}
  void hash(BackupHash) override {}
  void item(Item) override {}
  void hashEnd(BackupHashEnd) override {}
};

}  // namespace

BackupContents backup(Storage& storage, const BackupSink& sink, const BackupOptions& options) {
  return BackupRun(sessionOf(storage).backend->stored(), sink, options).run();
}

BackupContents checkBackup(const BackupSource& source) {
  Nothing visitor;
  return readBackup(source, visitor);
}

}  // namespace hexpage
