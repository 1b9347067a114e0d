#include "support/name_locks.hpp"

#include <algorithm>

#include "support/at_end.hpp"
#include "support/futex.hpp"
#include "support/lock_bytes.hpp"

namespace hexpage {
namespace {

constexpr Millis kPause{10};  // who dies wakes nobody

}  // namespace

bool NameLocks::lock(std::uint64_t hash, LockMode mode, Deadline deadline) {
  std::unique_lock guard(mutex_);
  const auto entry = names_.try_emplace(lockbytes::name(hash)).first;
  Name& name = entry->second;
  ++name.waits;
  const AtEnd waited([&] {
    if (!guard.owns_lock()) guard.lock();
    --name.waits;
    leave(entry);
  });
  if (!changed_.wait_until(guard, deadline, [&] { return name.admits(mode); })) return false;
  if (name.uses == 0) {
    name.isMoving = true;
    const AtEnd moved([&] {
      guard.lock();
      name.isMoving = false;
      changed_.notify_all();
    });
    guard.unlock();
    if (!lockThroughGate(entry->first, mode, deadline)) return false;
    name.mode = mode;
  }
  ++name.uses;
  return true;
}

void NameLocks::unlock(std::uint64_t hash) noexcept {
  const std::lock_guard guard(mutex_);
  const auto entry = names_.find(lockbytes::name(hash));
  if (--entry->second.uses > 0) return;
  unlockByte(entry->first);
  changed_.notify_all();
  leave(entry);
}

// Forgets the name if nobody has to do with it any more.
void NameLocks::leave(Names::iterator entry) noexcept {
  const Name& name = entry->second;
  if (name.uses == 0 && name.waits == 0) names_.erase(entry);
}

bool NameLocks::lockThroughGate(std::uint64_t byte, LockMode mode, Deadline deadline) {
  const std::uint64_t gate = lockbytes::nameGate(byte);
  if (!lockByte(gate, LockMode::Exclusive, deadline)) return false;
  const AtEnd open([&] { unlockByte(gate); });
  return lockByte(byte, mode, deadline);
}

bool NameLocks::lockByte(std::uint64_t byte, LockMode mode, Deadline deadline) {
  if (members_.locks().tryLock(byte, mode)) return true;
  SharedPlace& here = members_.here();
  ++here.waits;
  const AtEnd waited([&] { --here.waits; });
  for (;;) {
    const std::uint32_t seen = here.turns;
    if (members_.locks().tryLock(byte, mode)) return true;
    const auto left = timeLeft(deadline);
    if (left.count() == 0) return false;
    sleepOn(here.turns, seen, std::min<std::chrono::nanoseconds>(left, kPause));
  }
}

void NameLocks::unlockByte(std::uint64_t byte) noexcept {
  members_.locks().unlock(byte);
  for (std::uint32_t place = 0; place < kPlaces; ++place) {
    SharedPlace& other = members_.state().place(place);
    if (other.waits != 0) wakeAll(other.turns);
  }
}

}  // namespace hexpage
