// How far a migration has come, as the destination keeps it.
#pragma once

#include <cstdint>
#include <hexpage/migrate.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "item_digest.hpp"

namespace hexpage {

// In the destination's kMigrationFolder.
inline const std::string kMigrationState = "hexpage-migration/state";  // a hash with one item
inline const std::string kMigrationCopy = "hexpage-migration/copy";    // the hash that is built
inline const std::string kMigrationKey = "state";

struct MigrationState {
  std::string source;
  std::vector<std::string> paths;  // those chosen, in order; none for all
  std::string after;               // what comes up to this path is done
  std::uint64_t hashes = 0;
  std::uint64_t records = 0;
  std::uint64_t items = 0;  // of the hashes that are done

  // The hash that is being copied.
  struct Copy {
    std::string path;
    std::string cursor;  // where the scan of the source goes on
    ItemDigest digest;   // of what was copied
    bool isWhole = false;
  };
  std::optional<Copy> copy;

  std::string text() const;
  // Throws Corrupt when it is none of ours.
  static MigrationState parse(const std::string& text);
};

}  // namespace hexpage
