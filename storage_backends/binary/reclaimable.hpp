// What compacting a file of the log gives back.
#pragma once

#include <cstdint>

#include "binary/segment.hpp"

namespace hexpage::kv {

// Bytes. Records that say what is no more count as long as there are older segments.
inline std::uint64_t reclaimable(const Segment& segment, bool isOldest) {
  return segment.deadBytes + (isOldest ? segment.tombstoneBytes.load() : 0);
}

}  // namespace hexpage::kv
