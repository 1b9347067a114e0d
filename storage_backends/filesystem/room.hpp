// Room on the disk: what is to be written later is refused while it can be, and the ballast is
// given away when a flush meets a full disk all the same. `.hexpage/ballast`.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <string>

#include "filesystem/ballast.hpp"
#include "filesystem/posix.hpp"

namespace hexpage {

// One thread at a time, but where it says so and for the ballast.
class Room {
 public:
  Room(int directory, std::string baseDir, const Modes& modes = {});

  // Throws NoSpace unless so many files of so many bytes can be written; what adds to the store
  // leaves something to spare for what only removes. Asks the system no more than it must: once in
  // a while, and when little is left.
  enum class For { Growth, Removal };
  void require(std::uint64_t files, std::uint64_t bytes, For use);
  // Much was written since. Any thread.
  void measureAgain() { measuredAt_ = 0; }
  // So much was written since.
  void spend(std::uint64_t bytes) { left_.bytes -= std::min(left_.bytes, bytes); }

  void takeBallast() { ballast_.take(); }
  // False when there was none.
  bool giveBallast();

 private:
  struct Left {
    std::uint64_t bytes = 0;
    std::uint64_t files = 0;
  };

  void measure();

  const int directory_;
  const std::string baseDir_;
  Ballast ballast_;
  std::atomic<std::int64_t> measuredAt_{0};  // ms
  Left left_;                                // for growth
  Left spare_;                               // besides
};

}  // namespace hexpage
