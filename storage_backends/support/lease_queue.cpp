#include "support/lease_queue.hpp"

#include <algorithm>
#include <bit>
#include <cstdlib>

#include "support/futex.hpp"
#include "support/lock_bytes.hpp"

namespace hexpage {
namespace {

std::int64_t nowNanos() { return Clock::now().time_since_epoch().count(); }

// Calls visit(place) for each of the set.
template <class Visit>
void forEach(std::uint64_t places, Visit visit) {
  for (; places != 0; places &= places - 1)
    visit(static_cast<std::uint32_t>(std::countr_zero(places)));
}

}  // namespace

bool LeaseQueue::acquire(std::uint32_t slot, LockMode mode, Deadline deadline) {
  if (tryEnter(slot, mode)) return true;
  SharedSlot& shared = members_.state().slot(slot);
  auto& wants = mode == LockMode::Shared ? shared.wantShared : shared.wantExclusive;
  try {
    for (;;) {
      const std::uint32_t seen = members_.here().turns;
      wants |= members_.selfBit();  // again: it is taken from who comes too late
      askHolders(slot);
      if (tryEnter(slot, mode)) return true;
      const auto left = timeLeft(deadline);
      if (left.count() == 0) break;
      if (!sleepOn(members_.here().turns, seen, std::min<std::chrono::nanoseconds>(left, kPoll)))
        forgetDead(shared);
    }
  } catch (...) {
    passOn(shared);
    throw;
  }
  passOn(shared);
  return false;
}

LeaseQueue::Way LeaseQueue::wayTo(const SharedSlot& shared, LockMode mode) const {
  const std::uint32_t turn = shared.turn;
  if (turn == members_.self() + 1) return Way::Free;
  const std::uint64_t others = ~members_.selfBit();
  if (turn != 0 && (shared.wants() & others & bitOf(turn - 1)) != 0) {
    // A turn counts from when the slot was given back.
    const bool isLate = shared.holders == 0 && std::abs(nowNanos() - shared.turnSince) >
                                                   std::chrono::nanoseconds(kLate).count();
    return isLate ? Way::PastLate : Way::Barred;
  }
  const bool isBehindWriter = (shared.wantExclusive & others) != 0;
  return mode == LockMode::Shared && isBehindWriter ? Way::Barred : Way::Free;
}

bool LeaseQueue::tryEnter(std::uint32_t slot, LockMode mode) {
  SharedSlot& shared = members_.state().slot(slot);
  const std::uint32_t turn = shared.turn;
  const Way way = wayTo(shared, mode);
  if (way == Way::Barred || !members_.locks().tryLock(lockbytes::slot(slot), mode)) return false;
  std::uint64_t done = members_.selfBit();
  if (way == Way::PastLate && turn != 0) done |= bitOf(turn - 1);
  shared.wantShared &= ~done;
  shared.wantExclusive &= ~done;
  shared.holders |= members_.selfBit();
  shared.turnSince = nowNanos();
  shared.turn = nextAfterSelf(shared);
  const std::uint32_t next = shared.turn;
  const bool isSharer = next != 0 && (shared.wantShared & bitOf(next - 1)) != 0;
  if (mode == LockMode::Shared && isSharer) wakeNext(shared);
  return true;
}

void LeaseQueue::release(std::uint32_t slot) noexcept {
  SharedSlot& shared = members_.state().slot(slot);
  shared.holders &= ~members_.selfBit();
  const std::uint32_t turn = shared.turn;
  if (turn == 0 || (shared.wants() & bitOf(turn - 1)) == 0) shared.turn = nextAfterSelf(shared);
  shared.turnSince = nowNanos();
  members_.locks().unlock(lockbytes::slot(slot));
  // Who came in between and found the lock still held must be woken too.
  if (shared.turn == 0) shared.turn = nextAfterSelf(shared);
  wakeNext(shared);
}

// Gives up the wish, and the turn to the next one.
void LeaseQueue::passOn(SharedSlot& shared) noexcept {
  shared.wantShared &= ~members_.selfBit();
  shared.wantExclusive &= ~members_.selfBit();
  std::uint32_t turn = members_.self() + 1;
  if (!shared.turn.compare_exchange_strong(turn, nextAfterSelf(shared))) return;
  shared.turnSince = nowNanos();
  wakeNext(shared);
}

// Those that need not give the slot back find that out themselves.
void LeaseQueue::askHolders(std::uint32_t slot) {
  const std::uint64_t holders = members_.state().slot(slot).holders & ~members_.selfBit();
  forEach(holders, [&](std::uint32_t place) {
    SharedPlace& holder = members_.state().place(place);
    const std::uint64_t bit = std::uint64_t{1} << (slot % 64);
    if ((holder.asked[slot / 64].fetch_or(bit) & bit) == 0) wakeAll(holder.bell);
  });
}

// The wishes of the dead keep nobody waiting. What else is to be done for one that can not be
// recovered is told to who gets a slot that it owned.
void LeaseQueue::forgetDead(SharedSlot& shared) {
  forEach((shared.wants() | shared.holders) & ~members_.selfBit(), [&](std::uint32_t place) {
    if (!members_.isDead(place)) return;
    shared.wantShared &= ~bitOf(place);
    shared.wantExclusive &= ~bitOf(place);
    shared.holders &= ~bitOf(place);
  });
}

bool LeaseQueue::isWanted(std::uint32_t slot, LockMode held) const {
  const SharedSlot& shared = members_.state().slot(slot);
  const std::uint64_t wants =
      held == LockMode::Exclusive ? shared.wants() : shared.wantExclusive.load();
  return (wants & ~members_.selfBit()) != 0;
}

std::int64_t LeaseQueue::holder(std::uint32_t slot) const {
  const std::uint64_t holders = members_.state().slot(slot).holders & ~members_.selfBit();
  if (holders == 0) return 0;
  return members_.processOf(static_cast<std::uint32_t>(std::countr_zero(holders)));
}

// place + 1, as `turn` has it.
std::uint32_t LeaseQueue::nextAfterSelf(const SharedSlot& shared) const {
  const std::uint64_t wants = shared.wants() & ~members_.selfBit();
  if (wants == 0) return 0;
  const std::uint32_t from = members_.self() + 1;
  const auto steps =
      static_cast<std::uint32_t>(std::countr_zero(std::rotr(wants, static_cast<int>(from % 64))));
  return (from + steps) % kPlaces + 1;
}

void LeaseQueue::wakeNext(const SharedSlot& shared) noexcept {
  const std::uint32_t next = shared.turn;
  if (next != 0) wakeAll(members_.state().place(next - 1).turns);
}

}  // namespace hexpage
