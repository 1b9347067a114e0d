#include "support/lock_report.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "support/bytes.hpp"

namespace hexpage {
namespace {

enum Flags : std::uint8_t { kUser = 1, kExclusive = 2, kWaits = 4, kForLease = 8 };

std::string encode(const LockState& lock) {
  std::string bytes(1, '\0');
  const LockEntry& entry = lock.entry;
  bytes[0] =
      static_cast<char>((entry.space == LockSpace::User ? kUser : 0) |
                        (entry.mode == LockMode::Exclusive ? kExclusive : 0) |
                        (entry.isWaiting ? kWaits : 0) | (lock.waitsForLease ? kForLease : 0));
  putVarint(bytes, entry.owner);
  putVarint(bytes, static_cast<std::uint64_t>(std::max<std::int64_t>(entry.since.count(), 0)));
  putText(bytes, entry.name);
  return bytes;
}

// An owner of a process.
using Party = std::pair<std::uint32_t, LockOwner>;

struct Lock {
  Party party;
  const LockState* state;
};

// Whether `waiting` goes on only after `held` is freed.
bool waitsFor(const Lock& waiting, const Lock& held,
              const std::function<std::uint32_t(std::string_view)>& slotOf) {
  const LockEntry& wish = waiting.state->entry;
  const LockEntry& other = held.state->entry;
  if (other.isWaiting || held.party == waiting.party || other.space != LockSpace::Writer)
    return false;
  if (waiting.state->waitsForLease) return slotOf(other.name) == slotOf(wish.name);
  return held.party.first == waiting.party.first && other.name == wish.name;
}

}  // namespace

std::string encodeReport(const std::vector<LockState>& locks, std::size_t limit) {
  std::set<LockOwner> waiting;
  for (const LockState& lock : locks)
    if (lock.entry.isWaiting) waiting.insert(lock.entry.owner);
  const auto isFirst = [&](const LockState& lock) {
    return lock.entry.owner != 0 && waiting.contains(lock.entry.owner);
  };
  std::string report;
  for (const bool first : {true, false})
    for (const LockState& lock : locks) {
      if (isFirst(lock) != first) continue;
      const std::string bytes = encode(lock);
      if (report.size() + bytes.size() <= limit) report += bytes;
    }
  return report;
}

std::vector<LockState> decodeReport(std::string_view text, std::int64_t process) {
  ByteReader reader(text, "lock report");
  std::vector<LockState> locks;
  while (reader.left() > 0) {
    LockState lock;
    const std::uint8_t flags = reader.byte();
    lock.entry.space = (flags & kUser) != 0 ? LockSpace::User : LockSpace::Writer;
    lock.entry.mode = (flags & kExclusive) != 0 ? LockMode::Exclusive : LockMode::Shared;
    lock.entry.isWaiting = (flags & kWaits) != 0;
    lock.waitsForLease = (flags & kForLease) != 0;
    lock.entry.process = process;
    lock.entry.owner = reader.varint();
    lock.entry.since = Millis(static_cast<std::int64_t>(reader.varint()));
    lock.entry.name = reader.text();
    locks.push_back(std::move(lock));
  }
  return locks;
}

bool waitsInCircle(const std::vector<PlaceLocks>& places, std::uint32_t place, LockOwner owner,
                   const std::function<std::uint32_t(std::string_view)>& slotOf) {
  std::vector<Lock> locks;
  for (const PlaceLocks& one : places)
    for (const LockState& state : one.locks)
      if (state.entry.space == LockSpace::Writer && state.entry.owner != 0)
        locks.push_back({{one.place, state.entry.owner}, &state});
  const Party self{place, owner};
  std::set<Party> seen;
  std::vector<Party> next{self};
  while (!next.empty()) {
    const Party party = next.back();
    next.pop_back();
    for (const Lock& waiting : locks) {
      if (waiting.party != party || !waiting.state->entry.isWaiting) continue;
      for (const Lock& held : locks) {
        if (!waitsFor(waiting, held, slotOf)) continue;
        if (held.party == self) return true;
        if (seen.insert(held.party).second) next.push_back(held.party);
      }
    }
  }
  return false;
}

}  // namespace hexpage
