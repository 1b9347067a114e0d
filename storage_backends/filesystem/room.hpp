// Room on the disk: what is to be written later is refused while it can be, and a file that takes
// up space is given away when a flush meets a full disk all the same, so that removals go on and
// the store opens. `.hexpage/ballast`.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "filesystem/posix.hpp"

namespace hexpage {

// One thread at a time, but for ballast.
class Room {
 public:
  Room(int directory, std::string baseDir, const Modes& modes = {});

  // Throws NoSpace unless so many files of so many bytes can be written, with something to spare.
  // Asks the system no more than it must: once in a while, and when little is left.
  void require(std::uint64_t files, std::uint64_t bytes);

  // Makes the ballast, if there is plenty of room. Throws nothing of what fails: nobody needs the
  // ballast yet, and it is tried again later.
  void takeBallast();
  // False when there was none.
  bool giveBallast();

 private:
  struct Left {
    std::uint64_t bytes = 0;
    std::uint64_t files = 0;
  };

  void measure();
  Left left() const;
  void makeBallastFile(int i);

  const int directory_;
  const std::string baseDir_;
  const Modes modes_;
  std::atomic<std::int64_t> measuredAt_{0};  // ms
  Left left_;
};

}  // namespace hexpage
