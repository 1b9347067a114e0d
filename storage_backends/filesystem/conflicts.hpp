// What another program wrote into a file while this process had changes of it that were not in the
// file yet: it comes back when the file is replaced, and is kept. `.hexpage/conflicts/`.
#pragma once

#include <string>
#include <string_view>

#include "filesystem/posix.hpp"
#include "filesystem/seal.hpp"
#include "paged/record_store.hpp"

namespace hexpage {

constexpr std::string_view kConflicts = ".hexpage/conflicts";

Stamp stampOf(const struct stat& status);

// Names are relative to the store's directory.
class Conflicts {
 public:
  // `seals` of the store; null where it has none.
  Conflicts(int directory, const Modes& modes, const Seals* seals)
      : directory_(directory), modes_(modes), seals_(seals) {}

  // Whether the file, which the write replaces or has replaced, holds what nobody has seen who made
  // the write. False where that is not known.
  bool isForeign(const std::string& file, const RecordWrite& write) const;
  // Moves the file there, under a name made of `target`'s, the file of the record.
  void keep(const std::string& file, const std::string& target) const;

 private:
  bool holds(const std::string& file, const RecordWrite& write) const;
  void takeMode(const std::string& kept) const;

  const int directory_;
  const Modes modes_;
  const Seals* const seals_;
};

}  // namespace hexpage
