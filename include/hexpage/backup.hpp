// Backups: all that a store holds, as one stream of bytes (docs/format.md, "Backup"), and back.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <hexpage/storage.hpp>
#include <string>
#include <vector>

namespace hexpage {

// Takes the bytes of a backup, in order. What it throws ends the backup.
using BackupSink = std::function<void(std::string_view bytes)>;

// A backup to be read from its beginning.
struct BackupSource {
  std::string name;  // for messages
  // Puts at most `size` bytes there and says how many; 0 at the end.
  std::function<std::size_t(char* buffer, std::size_t size)> read;
};

struct BackupProgress {
  std::string path;              // of the hash under way; "" for the plain records
  std::uint64_t items = 0;       // that were read so far
  std::uint64_t totalItems = 0;  // 0 when it is not known
};

struct BackupContents {
  std::string id;  // of this backup alone
  std::uint64_t hashes = 0;
  std::uint64_t records = 0;
  std::uint64_t items = 0;
  std::uint64_t written = 0;  // items and records that are in it; fewer where it has only changes
};

struct BackupOptions {
  // An earlier backup of the store: what has not changed since is left out. It is read for what it
  // says of the state then. Hashes that the backend knows to be unchanged are not read again, the
  // others are wholly.
  const BackupSource* since = nullptr;
  std::function<void(const BackupProgress&)> progress{};  // what it throws ends the backup
};

// The store at one moment, over all its hashes and records, whatever others write meanwhile; see
// Backend::snapshot for who waits. Memory: an eighth of a byte for each item of the largest hash;
// with `since` for each item of all. Throws what the sink throws; Corrupt for a `since` that is
// damaged.
BackupContents backup(Storage& storage, const BackupSink& sink, const BackupOptions& options = {});

struct RestoreOptions {
  bool replace = false;  // all that the store has; else it must be empty
  std::function<void(const BackupProgress&)> progress{};
};

// Makes the store hold what it held at the moment of the last backup. The first one is whole, and
// each other one made since the one before it. All is read, checked and built where nobody sees it,
// and compared by count and digest, before anything in the store changes; then each hash appears
// whole. Throws Corrupt for a backup that is damaged or cut short; InvalidArgument for backups that
// do not belong together, or a path that the store would name otherwise; Conflict for a store that
// is not empty.
BackupContents restore(Storage& storage, const std::vector<BackupSource>& backups,
                       const RestoreOptions& options = {});

// Reads a backup to its end and checks all that can be told without a store. Throws Corrupt.
BackupContents checkBackup(const BackupSource& backup);

}  // namespace hexpage
