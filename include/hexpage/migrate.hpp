// Moves what is in one store into another, whatever their backends are.
#pragma once

#include <cstdint>
#include <functional>
#include <hexpage/storage.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace hexpage {

// Where the destination of an unfinished migration keeps what it needs to go on. What lies there in
// a source is not copied.
inline constexpr std::string_view kMigrationFolder = "hexpage-migration";

struct MigrationProgress {
  std::string path;              // of the hash that is copied now
  std::uint64_t items = 0;       // copied, by an earlier run too
  std::uint64_t totalItems = 0;  // of all hashes that are to be copied
};

struct MigrateOptions {
  std::vector<std::string> paths{};  // of hashes and records; none for all
  bool replace = false;              // what is at these paths in the destination
  bool restart = false;  // forgets how far an earlier run came, and does not go on from there
  // Names the source in what is kept of an unfinished run, so that no other source goes on with it.
  std::string source{};
  // Called after each batch. What it throws ends the migration, which a later call goes on with.
  std::function<void(const MigrationProgress&)> progress{};
};

struct Migrated {
  std::uint64_t hashes = 0;
  std::uint64_t records = 0;
  std::uint64_t items = 0;
  bool isResumed = false;  // an earlier run had begun it; what that has done is counted too
};

// Copies hashes (header, documents as they are spelled) and plain records, in bounded memory.
// The source is read as it is at one moment, over all hashes; see Backend::snapshot for who waits.
// Each copy is compared by count and digest before it appears under its path, whole; until then it
// is built in kMigrationFolder, where the destination also keeps how far this came: after a
// kill, a crash or a throw the same call goes on from there. When it returns, nothing of that is
// left.
//
// Throws NoSuchKey for a path that the source has not; Conflict when the destination has something
// at one of the paths and `replace` is not set, before anything is done, or when it holds another
// unfinished migration; InvalidArgument for a path that the destination would store under another
// one; LockTimeout when somebody writes to a hash for too long or another migration into the
// destination is running; Corrupt when a copy is not what was read.
Migrated migrate(Storage& from, Storage& to, const MigrateOptions& options = {});

}  // namespace hexpage
