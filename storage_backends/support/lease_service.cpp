#include "support/lease_service.hpp"

#include <bit>
#include <exception>
#include <hexpage/error.hpp>

#include "support/futex.hpp"
#include "support/quiet_thread.hpp"

namespace hexpage {

LeaseService::LeaseService(Membership& members, LeaseTable& table, LeaseReports& reports,
                           Millis idle)
    : members_(members), table_(table), reports_(reports), idle_(idle) {
  const SignalsBlocked inherited;
  const auto body = [](void* service) -> void* {
    static_cast<LeaseService*>(service)->run();
    return nullptr;
  };
  const int error = ::pthread_create(&thread_, nullptr, body, this);
  if (error != 0) throw Error(Code::Io, "the system gives no thread for leases", error);
  ::pthread_setname_np(thread_, "hexpage-leases");
}

LeaseService::~LeaseService() {
  isStopping_ = true;
  wakeAll(members_.here().bell);
  ::pthread_join(thread_, nullptr);
}

void LeaseService::run() {
  Deadline nextRound = Clock::now() + idle_;
  bool looksForDead = false;
  for (;;) {
    const std::uint32_t seen = members_.here().bell;
    if (isStopping_) return;
    reports_.answer();
    collectAsked();
    const Deadline due = giveBackWanted();
    if (Clock::now() >= nextRound) {
      table_.giveBackIdle();
      nextRound = Clock::now() + idle_;
      looksForDead = true;
    }
    // One after the other, so that who wants a lease meanwhile waits for one at most.
    looksForDead = looksForDead && recoverOne();
    if (!looksForDead) sleepOn(members_.here().bell, seen, timeLeft(std::min(due, nextRound)));
  }
}

void LeaseService::collectAsked() {
  auto& asked = members_.here().asked;
  for (std::uint32_t i = 0; i < asked.size(); ++i) {
    if (asked[i] == 0) continue;
    for (std::uint64_t slots = asked[i].exchange(0); slots != 0; slots &= slots - 1)
      wanted_.insert(i * 64 + static_cast<std::uint32_t>(std::countr_zero(slots)));
  }
}

// When to do it again.
Deadline LeaseService::giveBackWanted() {
  Deadline next = Deadline::max();
  for (auto slot = wanted_.begin(); slot != wanted_.end();) {
    const auto again = table_.giveBackIfWanted(*slot);
    if (again) next = std::min(next, *again);
    slot = again ? std::next(slot) : wanted_.erase(slot);
  }
  return next;
}

bool LeaseService::recoverOne() {
  try {
    return members_.recoverNextDead();
  } catch (const std::exception&) {
    // Who needs what the dead process owned will meet the same and be told.
    return false;
  }
}

}  // namespace hexpage
