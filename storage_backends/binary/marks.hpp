// Marks in the log: frames that say what was on disk when they were written, and, when segments are
// about to be removed, which ones stay. They tell what was compacted away from what was lost.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "binary/address.hpp"
#include "binary/segment.hpp"

namespace hexpage::kv {

struct Mark {
  Lsn durable;                          // all before it was on disk
  std::vector<std::uint64_t> segments;  // that stay, ascending; none: nothing is said of them
};

// Of the frame.
std::string encode(const Mark& mark);
// Calls with each whole mark of the segment from an offset on, and where it is. What lies between
// them need not be whole.
void forEachMark(const Segment& segment, std::uint64_t from,
                 const std::function<void(Lsn at, const Mark&)>& each);

}  // namespace hexpage::kv
