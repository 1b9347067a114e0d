// What a process tells others about its locks, and what can be seen from it.
#pragma once

#include <cstdint>
#include <functional>
#include <hexpage/backend.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace hexpage {

struct LockState {
  LockEntry entry;
  bool waitsForLease = false;  // for another process, not for a thread of its own
};

// Those of owners that wait come first, since others may look there for circles. What does not fit
// is left out.
std::string encodeReport(const std::vector<LockState>& locks, std::size_t limit);
// Throws Corrupt. The entries get the process's number.
std::vector<LockState> decodeReport(std::string_view text, std::int64_t process);

// One process's locks. Two Leases of one process have two places.
struct PlaceLocks {
  std::uint32_t place;
  std::vector<LockState> locks;
};

// Whether the owner at the place waits for somebody that waits, perhaps over others, for itself.
// Who waits for a lease waits for all that hold a path of its slot.
bool waitsInCircle(const std::vector<PlaceLocks>& places, std::uint32_t place, LockOwner owner,
                   const std::function<std::uint32_t(std::string_view path)>& slotOf);

}  // namespace hexpage
