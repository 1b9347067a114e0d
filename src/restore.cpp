// A restore:
//  (1) All backups are read; each hash is built hidden, as the last of them has it.
//  (2) Each is compared with what the last one says of it.
//  (3) Nothing visible has changed so far. Now what is not in the backup goes, then each hash is
//      renamed into its place, then the records come. A kill in here leaves some hashes restored
//      and others not yet, each one whole; the restore is to be run again.
#include <algorithm>
#include <hexpage/backup.hpp>
#include <hexpage/error.hpp>
#include <hexpage/json_text.hpp>
#include <map>
#include <memory>
#include <utility>

#include "backup_stream.hpp"
#include "paths.hpp"
#include "session.hpp"
#include "support/hidden_hash.hpp"
#include "support/path_rules.hpp"

namespace hexpage {
namespace {

constexpr std::size_t kBatchRecords = 1000;
constexpr std::size_t kBatchBytes = std::size_t{4} << 20;

class RestoreRun : public BackupVisitor {
 public:
  RestoreRun(Session& session, const RestoreOptions& options)
      : session_(session), backend_(session.backend->stored()), options_(options) {}

  BackupContents run(const std::vector<BackupSource>& backups) {
    refuseUnlessEmpty();
    BackupContents contents;
    for (const BackupSource& source : backups) {
      source_ = &source;
      for (auto& [path, built] : built_) built.isMentioned = false;
      contents = readBackup(source, *this);
      std::erase_if(built_, [](const auto& entry) { return !entry.second.isMentioned; });
    }
    compareAll();
    place();
    return contents;
  }

  // --- (1) ---

  void head(const BackupHead& head) override {
    if (head.since != lastId_)
      throw Error(Code::InvalidArgument,
                  "backup " + source_->name +
                      (head.since.empty()
                           ? " is a whole one; restore it alone, or first"
                           : " has only the changes since another backup; name them all, the "
                             "whole one first, in the order in which they were made"));
    lastId_ = head.id;
  }

  void hash(BackupHash hash) override {
    if (!hash.path.empty()) requireSamePath(hash.path, session_.lowerCasePaths);
    progress_.path = hash.path;
    current_ = &built_[hash.path];
    if (std::exchange(current_->isMentioned, true)) refuse(hash.path, "comes twice");
    if (!hash.buckets && !hash.keys) {
      const std::string options = hash.header.empty() ? "{}" : hash.header;
      current_->hash = std::make_unique<HiddenHash>(backend_, options);
    } else if (!current_->hash) {
      refuse(hash.path, "is not in the backup that it has changes of");
    } else if (hash.keys) {
      for (std::string& key : *hash.keys) current_->hash->remove(std::move(key));
    } else if (!hash.buckets->empty()) {
      emptyBuckets(*hash.buckets);
    }
  }

  void item(Item item) override {
    if (progress_.path.empty()) requireSamePath(item.key, session_.lowerCasePaths);
    current_->hash->put(std::move(item));
    if (++progress_.items % 1024 == 0) tell();
  }

  void hashEnd(BackupHashEnd end) override {
    current_->hash->flush();
    current_->digest = end.digest;
    current_->table = std::move(end.table);
    tell();
  }

 private:
  struct Built {
    std::unique_ptr<HiddenHash> hash;
    ItemDigest digest;
    BucketTable table;
    bool isMentioned = false;  // by the backup that is being read
  };

  [[noreturn]] void refuse(const std::string& path, const std::string& reason) const {
    throw Error(Code::Corrupt, "backup " + source_->name + ": " +
                                   (path.empty() ? "its plain records" : path) + " " + reason);
  }

  void emptyBuckets(const std::vector<std::uint64_t>& buckets) {
    HiddenHash& hash = *current_->hash;
    Chunk chunk;
    do {
      chunk = backend_.scan(hash.path(), chunk.next);
      for (Item& item : chunk.items)
        if (std::binary_search(buckets.begin(), buckets.end(), current_->table.bucketOf(item.key)))
          hash.remove(std::move(item.key));
    } while (!chunk.next.empty());
    hash.flush();
  }

  // --- (2) ---

  void compareAll() {
    for (const auto& [path, built] : built_) {
      const auto info = backend_.info(built.hash->path());
      const ItemDigest digest = digestOf(backend_, built.hash->path());
      if (digest != built.digest || !info || info->length != digest.items)
        refuse(path, "was not restored as it was saved: " + std::to_string(digest.items) + " of " +
                         std::to_string(built.digest.items) + " items, or others");
    }
  }

  // --- (3) ---

  void refuseUnlessEmpty() {
    if (options_.replace) return;
    const auto some = backend_.paths("", "").entries;
    if (!some.empty())
      throw Error(Code::Conflict, "the store is not empty: it has " + some.front().path +
                                      "; restore into an empty one, or replace all that it has "
                                      "(--replace)");
  }

  void place() {
    const auto held = lockAll();
    refuseUnlessEmpty();
    for (const PathEntry& entry : listed())
      if (!built_.contains(entry.path)) remove(entry);
    std::unique_ptr<HiddenHash> records;
    for (auto& [path, built] : built_) {
      if (path.empty())
        records = std::move(built.hash);
      else
        built.hash->moveTo(path);
    }
    if (records) placeRecords(records->path());
  }

  std::vector<Hold> lockAll() {
    std::vector<std::string> paths;
    for (const PathEntry& entry : listed()) paths.push_back(entry.path);
    for (const auto& [path, built] : built_)
      if (!path.empty()) paths.push_back(path);
    return backend_.locks().acquireAll(std::vector<std::string_view>(paths.begin(), paths.end()),
                                       LockMode::Exclusive, session_.lockTimeout);
  }

  std::vector<PathEntry> listed() {
    std::vector<PathEntry> all;
    std::string cursor;
    do {
      PathChunk chunk = backend_.paths("", cursor);
      std::move(chunk.entries.begin(), chunk.entries.end(), std::back_inserter(all));
      cursor = std::move(chunk.next);
    } while (!cursor.empty());
    return all;
  }

  void remove(const PathEntry& entry) {
    Batch batch;
    if (entry.isHash)
      batch.add(Drop{entry.path});
    else
      batch.add(EraseRecord{entry.path});
    backend_.apply(batch);
  }

  void placeRecords(const std::string& hidden) {
    Batch batch;
    std::size_t bytes = 0;
    Chunk chunk;
    do {
      chunk = backend_.scan(hidden, chunk.next);
      for (Item& item : chunk.items) {
        bytes += item.text.size();
        batch.add(PutRecord{std::move(item.key), std::move(item.text)});
      }
      if (batch.changes.size() < kBatchRecords && bytes < kBatchBytes && !chunk.next.empty())
        continue;
      backend_.apply(batch);
      batch.changes.clear();
      bytes = 0;
    } while (!chunk.next.empty());
  }

  void tell() {
    if (options_.progress) options_.progress(progress_);
  }

  Session& session_;
  Backend& backend_;
  const RestoreOptions& options_;
  const BackupSource* source_ = nullptr;  // that is being read
  std::string lastId_;                    // of the backup before it
  std::map<std::string, Built> built_;    // by path; "" for the records
  Built* current_ = nullptr;
  BackupProgress progress_;
};

}  // namespace

BackupContents restore(Storage& storage, const std::vector<BackupSource>& backups,
                       const RestoreOptions& options) {
  if (backups.empty()) throw Error(Code::InvalidArgument, "no backup to restore");
  BackupContents contents = RestoreRun(sessionOf(storage), options).run(backups);
  storage.sync();
  return contents;
}

}  // namespace hexpage
