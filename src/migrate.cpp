// A migration, hash by hash in the order of their paths:
//  (1) The copy is built beside its place. Each batch also stores where the scan goes on and the
//      digest so far, so that a batch is copied wholly, and once, whenever the process ends.
//  (2) The copy is read back and compared with that digest. One that was begun by an earlier run is
//      compared with the source too, which may have changed since: then it is begun anew.
//  (3) The copy is renamed into its place.
//  (4) The state says that the path is done. A kill between (3) and (4) leaves a whole copy without
//      its hash: that tells that (3) was done.
#include <hexpage/migrate.hpp>

#include <algorithm>
#include <hexpage/error.hpp>
#include <hexpage/json_text.hpp>
#include <utility>

#include "migration_state.hpp"
#include "paths.hpp"
#include "session.hpp"
#include "support/path_rules.hpp"

namespace hexpage {
namespace {

constexpr std::size_t kBatchItems = 1000;
constexpr std::size_t kBatchBytes = std::size_t{4} << 20;
constexpr std::size_t kBatchRecords = 256;

[[noreturn]] void throwIsThere(const std::string& path) {
  throw Error(Code::Conflict,
              path +
                  " is in the destination already; choose other hashes, or let what "
                  "is there be replaced (--replace)");
}

class Migration {
 public:
  Migration(Session& from, Session& to, const MigrateOptions& options)
      : to_(to), target_(to.backend->stored()), options_(options) {
    for (const std::string& named : options.paths) chosen_.push_back(from.path(named));
    std::sort(chosen_.begin(), chosen_.end(), pathLess);
    chosen_.erase(std::unique(chosen_.begin(), chosen_.end()), chosen_.end());
    for (const std::string& path : chosen_)  // which makes them known where file names do not
      if (!from.backend->record(path))
        throw Error(Code::NoSuchKey, "no such hash or record in the source: " + path);
    source_ = from.backend->snapshot();
  }

  Migrated run() {
    const Hold alone = lockOthersOut();
    loadState();
    checkAll();
    eachEntry([&](const PathEntry& entry) {
      if (!state_.after.empty() && !pathLess(state_.after, entry.path)) return;
      entry.isHash ? migrateHash(entry.path) : addRecord(entry.path);
    });
    flushRecords();
    forgetState();
    return {state_.hashes, state_.records, state_.items, isResumed_};
  }

 private:
  // --- what is to be done ---

  Hold lockOthersOut() {
    try {
      return target_.locks().acquire(LockSpace::Writer, kMigrationState, LockMode::Exclusive,
                                     Millis(0));
    } catch (const Error& e) {
      if (e.code() != Code::LockTimeout) throw;
      throw Error(Code::LockTimeout, "another migration into the destination is running");
    }
  }

  void loadState() {
    state_.source = options_.source;
    state_.paths = chosen_;
    const std::string_view key = kMigrationKey;
    const auto kept = target_.get(kMigrationState, {&key, 1}).front();
    if (!kept || options_.restart) return forgetState();
    MigrationState earlier = MigrationState::parse(kept->text);
    if (earlier.source != state_.source || earlier.paths != state_.paths)
      throw Error(Code::Conflict,
                  "an unfinished migration from " + earlier.source +
                      " is in the destination: finish it with the source and the hashes that it "
                      "was begun with, or forget it (--restart)");
    state_ = std::move(earlier);
    isResumed_ = true;
  }

  // Calls visit with what is to be copied, in the order of the paths.
  template <class Visit>
  void eachEntry(Visit visit) {
    for (const std::string& path : chosen_) visit(PathEntry{path, source_->info(path).has_value()});
    if (!chosen_.empty()) return;
    std::string cursor;
    do {
      const PathChunk chunk = source_->paths("", cursor);
      for (const PathEntry& entry : chunk.entries)
        if (!isWithin(entry.path, kMigrationFolder)) visit(entry);
      cursor = chunk.next;
    } while (!cursor.empty());
  }

  // Before anything is done.
  void checkAll() {
    eachEntry([&](const PathEntry& entry) {
      const auto info = entry.isHash ? source_->info(entry.path) : std::nullopt;
      if (info) progress_.totalItems += info->length;
      requireSamePath(entry.path, to_.lowerCasePaths);
      refuseIfThere(entry.path);
    });
  }

  void refuseIfThere(const std::string& path) {
    const bool isOurs = (!state_.after.empty() && !pathLess(state_.after, path)) || isPlaced(path);
    if (!isOurs && !options_.replace && target_.record(path)) throwIsThere(path);
  }

  // Whether (3) was done and (4) was not.
  bool isPlaced(const std::string& path) {
    return state_.copy && state_.copy->path == path && state_.copy->isWhole &&
           !target_.info(kMigrationCopy);
  }

  // --- a hash ---

  void migrateHash(const std::string& path) {
    flushRecords();
    progress_.path = path;
    if (isPlaced(path)) return finishHash(path);
    const auto header = source_->record(path);
    if (!header || !source_->info(path)) return;  // named, and gone since
    const bool isBegun = goesOn(path);
    if (!isBegun) beginCopy(path, *header);
    copyItems(path);
    if (isBegun && digestOf(*source_, path) != state_.copy->digest) {
      beginCopy(path, *header);
      copyItems(path);
    }
    compareCopy(path);
    placeCopy(path);
    finishHash(path);
  }

  // Whether an earlier run has begun with this hash as it is.
  bool goesOn(const std::string& path) {
    if (!state_.copy || state_.copy->path != path) return false;
    const auto copied = target_.info(kMigrationCopy);
    return copied && copied->options == source_->info(path)->options;
  }

  void beginCopy(const std::string& path, const std::string& header) {
    state_.copy = MigrationState::Copy{path, "", {}, false};
    Batch batch;
    batch.add(Drop{kMigrationCopy});
    batch.add(Create{kMigrationCopy, header});
    applyWithState(batch);
  }

  void copyItems(const std::string& path) {
    MigrationState::Copy& copy = *state_.copy;
    Batch batch;
    std::size_t bytes = 0;
    while (!copy.isWhole) {
      Chunk chunk = source_->scan(path, copy.cursor);
      for (Item& item : chunk.items) {
        copy.digest.add(item);
        bytes += item.key.size() + item.text.size();
        batch.add(Put{kMigrationCopy, std::move(item.key), std::move(item.text), item.expires});
      }
      copy.cursor = std::move(chunk.next);
      copy.isWhole = copy.cursor.empty();
      if (!copy.isWhole && batch.changes.size() < kBatchItems && bytes < kBatchBytes) continue;
      applyWithState(batch);
      bytes = 0;
      tell();
    }
  }

  void compareCopy(const std::string& path) {
    const ItemDigest copied = digestOf(target_, kMigrationCopy);
    if (copied == state_.copy->digest && target_.info(kMigrationCopy)->length == copied.items)
      return;
    throw Error(Code::Corrupt, "the copy of " + path +
                                   " is not what was read: " + std::to_string(copied.items) +
                                   " of " + std::to_string(state_.copy->digest.items) +
                                   " items, or others; look at both stores with `hexpage verify`, "
                                   "then begin anew (--restart)");
  }

  void placeCopy(const std::string& path) {
    const auto held = to_.lockForWriting({path});
    if (!options_.replace && target_.record(path)) throwIsThere(path);
    Batch batch;
    batch.add(Rename{kMigrationCopy, path});
    target_.apply(batch);
  }

  void finishHash(const std::string& path) {
    ++state_.hashes;
    state_.items += state_.copy->digest.items;
    state_.copy.reset();
    state_.after = path;
    Batch nothing;
    applyWithState(nothing);
  }

  // --- records ---

  void addRecord(const std::string& path) {
    auto text = source_->record(path);
    if (!text) return;  // named, and gone since
    recordBytes_ += text->size();
    records_.push_back({path, std::move(*text), 0});
    if (records_.size() >= kBatchRecords || recordBytes_ >= kBatchBytes) flushRecords();
  }

  void flushRecords() {
    if (records_.empty()) return;
    const std::vector<std::string_view> paths = pathsOfRecords();
    const auto held = target_.locks().acquireAll(paths, LockMode::Exclusive, to_.lockTimeout);
    Batch batch;
    for (const Item& record : records_) {
      if (!options_.replace && target_.record(record.key)) throwIsThere(record.key);
      if (options_.replace) batch.add(Drop{record.key});
      batch.add(PutRecord{record.key, record.text});
    }
    state_.records += records_.size();
    state_.after = records_.back().key;
    applyWithState(batch);
    compareRecords();
    records_.clear();
    recordBytes_ = 0;
    tell();
  }

  std::vector<std::string_view> pathsOfRecords() const {
    std::vector<std::string_view> paths;
    for (const Item& record : records_) paths.push_back(record.key);
    return paths;
  }

  void compareRecords() {
    for (const Item& record : records_) {
      const auto copied = target_.record(record.key);
      if (!copied || minified(*copied) != minified(record.text))
        throw Error(Code::Corrupt, "the copy of the record " + record.key +
                                       " is not what was read; begin anew (--restart)");
    }
  }

  // --- the state ---

  // Applies and empties the batch.
  void applyWithState(Batch& batch) {
    batch.add(Create{kMigrationState, "{}"});
    batch.add(Put{kMigrationState, kMigrationKey, state_.text()});
    target_.apply(batch);
    batch.changes.clear();
  }

  void forgetState() {
    Batch batch;
    batch.add(Drop{kMigrationCopy});
    batch.add(Drop{kMigrationState});
    target_.apply(batch);
  }

  void tell() {
    if (!options_.progress) return;
    progress_.items = state_.items + (state_.copy ? state_.copy->digest.items : 0);
    options_.progress(progress_);
  }

  Session& to_;
  std::unique_ptr<View> source_;
  Backend& target_;
  const MigrateOptions& options_;
  std::vector<std::string> chosen_;
  MigrationState state_;
  MigrationProgress progress_;
  bool isResumed_ = false;
  std::vector<Item> records_;  // to be copied, by path
  std::size_t recordBytes_ = 0;
};

}  // namespace

Migrated migrate(Storage& from, Storage& to, const MigrateOptions& options) {
  if (&from == &to)
    throw Error(Code::InvalidArgument, "a migration needs two stores, not one and the same");
  Migrated migrated = Migration(sessionOf(from), sessionOf(to), options).run();
  to.sync();
  return migrated;
}

}  // namespace hexpage
