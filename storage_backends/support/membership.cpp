#include "support/membership.hpp"

#include <unistd.h>

#include <algorithm>
#include <exception>
#include <hexpage/error.hpp>
#include <thread>

#include "support/at_end.hpp"
#include "support/futex.hpp"
#include "support/lock_bytes.hpp"

namespace hexpage {
namespace {

constexpr Millis kPoll{5};  // the kernel offers no wait with a timeout for these locks

}  // namespace

Membership::Membership(int directory, std::uint32_t slots,
                       std::function<void(std::uint32_t)> recover, const LeaseOptions& options)
    : locks_(directory, "lock", options.fileMode, options.folder + "/lock"),
      watch_([this] { locks_.close(); }),
      recover_(std::move(recover)) {
  if (slots > kMaxSlots)
    throw Error(Code::InvalidArgument,
                std::to_string(slots) + " lease slots; at most " + std::to_string(kMaxSlots));
  open(directory, slots, options);
}

void Membership::leave(bool isClean) noexcept {
  if (isClean) here().isTaken = 0;
  locks_.unlockAll();
}

void Membership::open(int directory, std::uint32_t slots, const LeaseOptions& options) {
  const Deadline deadline = Clock::now() + options.openTimeout;
  enterGate(deadline);
  wasAlone_ = locks_.tryLock(lockbytes::kOpen, LockMode::Exclusive);
  if (wasAlone_) awaitReaders(deadline);
  state_.emplace(directory, "shared", options.fileMode, options.folder + "/shared", slots,
                 wasAlone_);
  showOpen(deadline);
  takePlace(deadline);
  here().process = ::getpid();
  if (!wasAlone_) locks_.unlock(lockbytes::kGate);
}

// Nobody is in the way: exclusive locks of this byte are held within the gate only.
void Membership::showOpen(Deadline deadline) {
  while (!locks_.tryLock(lockbytes::kOpen, LockMode::Shared)) {
    if (timeLeft(deadline).count() == 0)
      throw Error(Code::Io, "lock: another program has locked the store's lock file");
    std::this_thread::sleep_for(kPoll);
  }
}

void Membership::enterGate(Deadline deadline) {
  while (!locks_.tryLock(lockbytes::kGate, LockMode::Exclusive)) {
    if (timeLeft(deadline).count() == 0)
      throw Error(Code::LockTimeout,
                  "lock timeout: another process is opening the store and recovers it");
    std::this_thread::sleep_for(kPoll);
  }
}

// Who reads the store as it lies, without a change to it, comes through the gate too.
void Membership::awaitReaders(Deadline deadline) {
  while (!locks_.tryLock(lockbytes::kReaders, LockMode::Exclusive)) {
    if (timeLeft(deadline).count() == 0)
      throw Error(Code::LockTimeout,
                  "lock timeout: another process has opened the store to read it only, which keeps "
                  "out who writes");
    std::this_thread::sleep_for(kPoll);
  }
  locks_.unlock(lockbytes::kReaders);
}

// A place that is not free may be freed by the process that recovers it.
void Membership::takePlace(Deadline deadline) {
  for (;;) {
    std::uint32_t dead = 0;
    for (std::uint32_t place = 0; place < kPlaces; ++place) {
      if (tryPlace(place)) return;
      dead += isDead(place) ? 1 : 0;
    }
    if (dead == 0 || timeLeft(deadline).count() == 0)
      throw Error(Code::LockTimeout, "the store is open in " + std::to_string(kPlaces) +
                                         " processes, which is the most that it can be" +
                                         (dead == 0 ? "" : "; some died and are not recovered"));
    std::this_thread::sleep_for(kPoll);
  }
}

bool Membership::tryPlace(std::uint32_t place) {
  SharedPlace& shared = state_->place(place);
  if (shared.isTaken != 0 || !locks_.tryLock(lockbytes::place(place), LockMode::Exclusive))
    return false;
  self_ = place;
  clearTraces(place);
  for (auto& word : shared.asked) word = 0;
  shared.waits = 0;
  shared.isTaken = 1;
  ++state_->header().comings;
  return true;
}

void Membership::moveTo(std::uint32_t place) {
  const std::uint32_t before = self_;
  if (!tryPlace(place))
    throw Error(Code::Io, "lock: another program has locked the store's lock file");
  here().process = ::getpid();
  state_->place(before).isTaken = 0;
  locks_.unlock(lockbytes::place(before));
}

void Membership::leaveDead(std::uint32_t place, std::span<const std::uint32_t> slots,
                           std::uint64_t inFlight) {
  state_->place(place).isTaken = 1;
  state_->place(place).inFlight = inFlight;
  for (const std::uint32_t slot : slots) state_->slot(slot).owner = place + 1;
}

void Membership::start() {
  if (wasAlone_) locks_.unlock(lockbytes::kGate);
}

bool Membership::isDead(std::uint32_t place) const {
  return place != self_ && state_->place(place).isTaken != 0 &&
         !locks_.isTaken(lockbytes::place(place));
}

bool Membership::isLiveOther(std::uint32_t place) const {
  return place != self_ && state_->place(place).isTaken != 0 &&
         locks_.isTaken(lockbytes::place(place));
}

bool Membership::recover(std::uint32_t place) {
  const std::lock_guard guard(recovering_);
  SharedPlace& shared = state_->place(place);
  if (place == self_ || shared.isTaken == 0) return false;
  if (!locks_.tryLock(lockbytes::kRecovery, LockMode::Exclusive)) return false;
  const AtEnd leave([&] { locks_.unlock(lockbytes::kRecovery); });
  if (!locks_.tryLock(lockbytes::place(place), LockMode::Exclusive)) return false;
  const auto unlock = [&] { locks_.unlock(lockbytes::place(place)); };
  try {
    if (shared.isTaken != 0) recover_(place);
  } catch (...) {
    unlock();
    throw;
  }
  clearTraces(place);
  shared.isTaken = 0;
  unlock();
  for (std::uint32_t other = 0; other < kPlaces; ++other)
    if (state_->place(other).isTaken != 0) wakeAll(state_->place(other).turns);
  return true;
}

// What the owner of the place changed is in place now, so caches of it are void.
void Membership::clearTraces(std::uint32_t place) {
  const std::uint64_t others = ~bitOf(place);
  for (std::uint32_t i = 0; i < state_->header().slots; ++i) {
    SharedSlot& slot = state_->slot(i);
    slot.wantShared &= others;
    slot.wantExclusive &= others;
    slot.holders &= others;
    if (slot.owner != place + 1) continue;
    ++slot.version;
    slot.owner = 0;
  }
  state_->place(place).inFlight = state_->place(place).takes = 0;
  state_->header().followers &= others;
  state_->header().sleepers &= others;
}

void Membership::recoverDead() {
  std::exception_ptr failure;
  for (std::uint32_t place = 0; place < kPlaces; ++place) {
    if (!isDead(place)) continue;
    try {
      recover(place);
    } catch (...) {
      failure = std::current_exception();
    }
  }
  if (failure) std::rethrow_exception(failure);
}

bool Membership::recoverNextDead() {
  for (std::uint32_t i = 0; i < kPlaces; ++i) {
    const std::uint32_t place = (nextDead_ + i) % kPlaces;
    if (!isDead(place)) continue;
    nextDead_ = place + 1;
    return recover(place);
  }
  return false;
}

void Membership::whileFree(std::uint32_t place, const std::function<void()>& work) {
  const std::lock_guard guard(recovering_);
  const SharedPlace& shared = state_->place(place);
  if (shared.isTaken != 0 || !locks_.tryLock(lockbytes::place(place), LockMode::Exclusive)) return;
  const AtEnd unlock([&] { locks_.unlock(lockbytes::place(place)); });
  if (shared.isTaken == 0) work();
}

bool Membership::mayHaveTaken(std::uint32_t taker, std::uint32_t place) const {
  return (state_->place(taker).takes & bitOf(place)) != 0;
}

std::uint64_t Membership::beginStamp() {
  std::atomic<std::uint64_t>& last = state_->header().stamp;
  here().inFlight = last + 1;  // announced before it is taken: settledStamp() must not pass it
  const std::uint64_t taken = ++last;
  here().inFlight = taken;
  return taken;
}

std::uint64_t Membership::settledStamp() const {
  std::uint64_t settled = state_->header().stamp;
  for (std::uint32_t place = 0; place < kPlaces; ++place) {
    const std::uint64_t inFlight = state_->place(place).inFlight;
    if (inFlight != 0) settled = std::min(settled, inFlight - 1);
  }
  return settled;
}

void Membership::raiseStamp(std::uint64_t atLeast) {
  std::atomic<std::uint64_t>& last = state_->header().stamp;
  std::uint64_t now = last;
  while (now < atLeast && !last.compare_exchange_weak(now, atLeast)) {
  }
}

void Membership::throwChild() {
  throw Error(Code::InvalidArgument,
              "the store was opened before this process was forked; open it anew in the child");
}

}  // namespace hexpage
