#include "support/lease_table.hpp"

#include <algorithm>
#include <exception>
#include <utility>

#include "support/at_end.hpp"
#include "support/futex.hpp"

namespace hexpage {
namespace {

constexpr Millis kRetry{100};  // after beforeRelease has thrown
// A lease is kept three times as long as giving one back takes, so that what is spent on changing
// hands stays a part of the whole; but no longer than this, or minimalHold.
constexpr Millis kLongestHold{60};

}  // namespace

LeaseTable::LeaseTable(Membership& members, std::uint32_t slots, LeaseEvents events,
                       LeaseOptions options)
    : members_(members),
      queue_(members),
      events_(std::move(events)),
      options_(std::move(options)),
      slots_(slots) {}

bool LeaseTable::tryEnter(Slot& slot, LockMode mode) {
  Word word = slot.word.load();
  const Word modes = mode == LockMode::Shared ? kModes : kExclusive;
  do {
    if ((word & kClosed) != 0 || (word & modes) == 0) return false;
  } while (!slot.word.compare_exchange_weak(word, word + kOneUse));
  if (!slot.isUsed.load(std::memory_order_relaxed))
    slot.isUsed.store(true, std::memory_order_relaxed);
  return true;
}

bool LeaseTable::enter(std::uint32_t slot, LockMode mode, Millis timeout) {
  Slot& local = slots_[slot];
  if (tryEnter(local, mode)) return true;
  const Deadline deadline = Clock::now() + timeout;
  Part& part = partOf(slot);
  Guard guard(part.mutex);
  while (!tryEnter(local, mode)) {
    if (!local.isMoving) return fetch(slot, mode, guard, deadline);
    const bool isLate = part.changed.wait_until(guard, deadline) == std::cv_status::timeout;
    if (isLate && local.isMoving) return false;
  }
  return true;
}

void LeaseTable::leave(std::uint32_t slot) noexcept {
  if (slots_[slot].isFresh.load(std::memory_order_relaxed)) beginHold(slot);
  const Word before = slots_[slot].word.fetch_sub(kOneUse);
  if ((before & kClosed) == 0 || before / kOneUse != 1) return;
  Part& part = partOf(slot);
  const std::lock_guard guard(part.mutex);
  part.changed.notify_all();
  if (slots_[slot].isLeaving) wakeAll(members_.here().bell);
}

// From here on it counts how long the lease is kept: who waits for another slot in its first Use,
// as a writer does for the hash's state, would else have nothing of it.
void LeaseTable::beginHold(std::uint32_t slot) noexcept {
  Slot& local = slots_[slot];
  const std::lock_guard guard(partOf(slot).mutex);
  if (!local.isFresh.exchange(false)) return;
  const Clock::duration dear(3 * releaseTime_.load());
  local.keptUntil =
      Clock::now() + std::clamp<Clock::duration>(dear, options_.minimalHold,
                                                 std::max(options_.minimalHold, kLongestHold));
  const LockMode mode = (local.word & kShared) != 0 ? LockMode::Shared : LockMode::Exclusive;
  if (queue_.isWanted(slot, mode)) wakeAll(members_.here().bell);
}

// Makes the slot this process's own, with one Use. Nobody else moves it.
bool LeaseTable::fetch(std::uint32_t slot, LockMode mode, Guard& guard, Deadline deadline) {
  Slot& local = slots_[slot];
  local.isMoving = true;
  const AtEnd moved([&] {
    if (!guard.owns_lock()) guard.lock();
    local.isMoving = false;
    partOf(slot).changed.notify_all();
  });
  if (local.word != 0 && !dropShared(slot, guard, deadline)) return false;
  guard.unlock();
  if (!takeFromQueue(slot, mode, deadline)) return false;
  guard.lock();
  const SharedSlot& shared = members_.state().slot(slot);
  if (local.version != shared.version) ++local.epoch;
  local.version = shared.version;
  local.isUsed = true;
  local.isFresh = true;
  local.word = (mode == LockMode::Shared ? kShared : kExclusive) + kOneUse;
  // Who came to want it since has not asked a holder that it did not see yet.
  if (queue_.isWanted(slot, mode)) {
    members_.here().asked[slot / 64] |= std::uint64_t{1} << (slot % 64);
    wakeAll(members_.here().bell);
  }
  return true;
}

// A shared lease is never raised in place: two that tried would wait for each other.
bool LeaseTable::dropShared(std::uint32_t slot, Guard& guard, Deadline deadline) {
  Slot& local = slots_[slot];
  local.word |= kClosed;
  const auto isEmpty = [&] { return local.word / kOneUse == 0; };
  if (!partOf(slot).changed.wait_until(guard, deadline, isEmpty)) {
    local.word &= ~kClosed;
    return false;
  }
  local.word = 0;
  queue_.release(slot);
  return true;
}

bool LeaseTable::takeFromQueue(std::uint32_t slot, LockMode mode, Deadline deadline) {
  if (!queue_.acquire(slot, mode, deadline)) return false;
  bool isRecovered = false;
  const AtEnd release([&] {
    if (!isRecovered) queue_.release(slot);
  });
  isRecovered = recoverOwner(slot, deadline);
  if (isRecovered && mode == LockMode::Exclusive)
    members_.state().slot(slot).owner = members_.self() + 1;
  return isRecovered;
}

// An owner that is still told, though the slot's lock was free, has died with changes not in place.
bool LeaseTable::recoverOwner(std::uint32_t slot, Deadline deadline) {
  SharedSlot& shared = members_.state().slot(slot);
  for (;;) {
    const std::uint32_t seen = members_.here().turns;
    const std::uint32_t owner = shared.owner;
    if (owner == 0 || members_.recover(owner - 1)) return true;
    // Another process recovers it.
    if (timeLeft(deadline).count() == 0) return false;
    sleepOn(members_.here().turns, seen, LeaseQueue::kPoll);
  }
}

std::optional<Deadline> LeaseTable::giveBackIfWanted(std::uint32_t slot) {
  Slot& local = slots_[slot];
  Guard guard(partOf(slot).mutex);
  const Word word = local.word;
  if (!local.isLeaving) {
    if (local.isMoving || (word & kModes) == 0) return std::nullopt;
    const LockMode mode = (word & kShared) != 0 ? LockMode::Shared : LockMode::Exclusive;
    if (!queue_.isWanted(slot, mode)) return std::nullopt;
    if (local.isFresh) return Deadline::max();  // beginHold() rings
    if (Clock::now() < local.keptUntil) return local.keptUntil;
    local.isMoving = local.isLeaving = true;
    local.word |= kClosed;
  }
  if (local.word / kOneUse != 0) return Deadline::max();  // the last to leave rings
  try {
    giveBack(slot, guard);
  } catch (const std::exception&) {  // the wanting process times out
    return local.keptUntil;
  }
  return std::nullopt;
}

void LeaseTable::giveBackIdle() {
  for (std::uint32_t slot = 0; slot < slots_.size(); ++slot) {
    Slot& local = slots_[slot];
    Word word = local.word;
    if (word == 0 || local.isUsed.exchange(false)) continue;
    Guard guard(partOf(slot).mutex);
    if (local.isMoving || (word = local.word & kModes) == 0) continue;
    if (!local.word.compare_exchange_strong(word, word | kClosed)) continue;  // in use again
    local.isMoving = local.isLeaving = true;
    try {
      giveBack(slot, guard);
    } catch (const std::exception&) {  // tried again at the next call
    }
  }
}

void LeaseTable::giveBackAll() {
  std::exception_ptr failure;
  for (std::uint32_t slot = 0; slot < slots_.size(); ++slot) {
    Slot& local = slots_[slot];
    if ((local.word & kModes) == 0) continue;
    Guard guard(partOf(slot).mutex);
    local.isMoving = local.isLeaving = true;
    try {
      giveBack(slot, guard);
    } catch (...) {
      if (!failure) failure = std::current_exception();
    }
  }
  if (failure) std::rethrow_exception(failure);
}

// The slot is closed, moved by this thread, and nobody is in. After a throw it is held as before.
void LeaseTable::giveBack(std::uint32_t slot, Guard& guard) {
  Slot& local = slots_[slot];
  SharedSlot& shared = members_.state().slot(slot);
  const bool isExclusive = (local.word & kExclusive) != 0;
  Word after = local.word & kModes;
  const AtEnd moved([&] {
    if (!guard.owns_lock()) guard.lock();
    local.word = after;
    local.isMoving = local.isLeaving = false;
    partOf(slot).changed.notify_all();
  });
  guard.unlock();
  if (isExclusive) {
    try {
      release(slot);
    } catch (...) {
      guard.lock();
      local.keptUntil = Clock::now() + kRetry;
      throw;
    }
    local.version = ++shared.version;
    shared.owner = 0;
  }
  queue_.release(slot);
  after = 0;
}

// Some slots have nothing to put in place, so what it takes is forgotten by and by.
void LeaseTable::release(std::uint32_t slot) {
  const auto begin = Clock::now();
  events_.beforeRelease(slot);
  releaseTime_ = std::max((Clock::now() - begin).count(), releaseTime_ / 2);
}

}  // namespace hexpage
