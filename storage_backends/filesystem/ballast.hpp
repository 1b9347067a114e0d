// Files that only take up room, to be given away when a disk is full: so that removals go on, and
// the store opens, whoever filled it.
#pragma once

#include <cstdint>
#include <string>

#include "filesystem/posix.hpp"

namespace hexpage {

// Any thread.
class Ballast {
 public:
  // The name is relative to the directory, which messages name by `path`. One file has it, or a
  // folder of several, so that files can be made where no more of them can be had.
  Ballast(int directory, std::string path, std::string name, int files, const Modes& modes);

  // Makes it, if there is plenty of room. Throws nothing of what fails: nobody needs the ballast
  // yet, and it is tried again later.
  void take();
  // False when there was none.
  bool give();

 private:
  void makeFile(int i, std::uint64_t bytes);
  std::string file(int i) const;

  const int directory_;
  const std::string path_;
  const std::string name_;
  const int files_;
  const Modes modes_;
};

}  // namespace hexpage
