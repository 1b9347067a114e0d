// Which frame of the log an address is in, for reads that check what they read.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <vector>

#include "binary/log.hpp"

namespace hexpage::kv {

// Thread-safe. Remembers four bytes for each frame of the segments that were read.
class FrameTable {
 public:
  // Throws Corrupt when the frame around the address is not as it was written.
  void check(const Log& log, Address address) const;

 private:
  struct Known {
    std::uint64_t salt = 0;                // another segment has another one
    std::uint64_t end = 0;                 // of the last frame that is known
    std::vector<std::uint32_t> offsets{};  // where the frames begin
  };
  static void learn(const Segment& segment, Known& known);

  mutable std::mutex mutex_;
  mutable std::map<std::uint64_t, Known> known_;
};

}  // namespace hexpage::kv
