// Room on the disk: what is to be written later is refused while it can be, and a file that takes
// up space is given away when a flush meets a full disk all the same, so that removals go on and
// the store opens. `.hexpage/ballast`.
#pragma once

#include <cstdint>
#include <string>

#include "filesystem/posix.hpp"

namespace hexpage {

// One thread at a time, but for ballast.
class Room {
 public:
  Room(int directory, std::string baseDir);

  // Throws NoSpace unless so many files of so many bytes can be written, with something to spare.
  // Asks the system no more than it must: once in a while, and when little is left.
  void require(std::uint64_t files, std::uint64_t bytes);

  // Makes the ballast, if there is plenty of room. What fails is tried again later.
  void takeBallast();
  // False when there was none.
  bool giveBallast();

 private:
  void measure();

  const int directory_;
  const std::string baseDir_;
  std::int64_t measuredAt_ = 0;  // ms
  std::uint64_t bytes_ = 0;
  std::uint64_t files_ = 0;
};

}  // namespace hexpage
