// Files changing places: the part of a flush that readers of the directory can see.
#pragma once

#include <set>
#include <string>

#include "filesystem/conflicts.hpp"
#include "filesystem/spares.hpp"
#include "support/beneath.hpp"

namespace hexpage {

// Names are relative to the directory. Steps that were done once may be done again.
class Publication {
 public:
  // `seals` as Conflicts takes them.
  Publication(int directory, Spares& spares, const Modes& modes, const Seals* seals)
      : directory_(directory),
        spares_(spares),
        modes_(modes),
        conflicts_(directory, modes, seals) {}

  // Puts a spare that holds the write's text in the place of `target`, whether there is one or not;
  // what the target was is the next spare, of about this size, or kept aside when the write was not
  // made of it.
  void place(const std::string& spare, const std::string& target, std::size_t size,
             const RecordWrite& write);
  // Puts a record's file in the place of `target`. A file that is gone was moved before.
  void move(const std::string& file, const std::string& target);
  // Nothing happens when there is none.
  void remove(const std::string& file, const RecordWrite& write);

  // Removes the folders of what was moved and removed, as far as they are empty.
  void removeEmptyFolders();

 private:
  bool exchange(const std::string& spare, const std::string& target, std::size_t size,
                const RecordWrite& write);
  bool keepIfForeign(const std::string& spare, const std::string& target, const RecordWrite& write);
  bool moveIn(const std::string& source, const std::string& target, unsigned flags = 0);

  int rename(const std::string& from, const std::string& to, unsigned flags = 0);

  const int directory_;
  LastFolder sources_{directory_};
  LastFolder targets_{directory_};
  Spares& spares_;
  const Modes modes_;
  const Conflicts conflicts_;
  std::set<std::string> left_;  // folders that may be empty now
};

}  // namespace hexpage
