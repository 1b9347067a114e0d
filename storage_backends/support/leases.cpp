#include "support/leases.hpp"

#include <hexpage/error.hpp>
#include <utility>

#include "support/lease_service.hpp"
#include "support/lease_table.hpp"

namespace hexpage {

// What a Use needs.
struct Leases::Use::Access {
  Membership members;
  LeaseTable table;

  Access(int directory, std::uint32_t slots, const LeaseEvents& events, const LeaseOptions& options)
      : members(directory, slots, events.recover, options),
        table(members, slots, events, options) {}
};

struct Leases::State : Leases::Use::Access {
  Millis idle;
  std::optional<LeaseService> service;

  State(int directory, std::uint32_t slots, const LeaseEvents& events, const LeaseOptions& options)
      : Access(directory, slots, events, options), idle(options.idle) {}
};

Leases::Leases(int directory, std::uint32_t slots, LeaseEvents events, const LeaseOptions& options)
    : state_(std::make_unique<State>(directory, slots, events, options)) {}

Leases::~Leases() {
  if (state_->members.isChild()) {
    // Its thread is not here, and its mutexes may be locked for ever.
    static_cast<void>(state_.release());
    return;
  }
  state_->service.reset();
  try {
    state_->table.giveBackAll();
    state_->members.leave();
  } catch (const std::exception&) {
    // Not everything is in place: another process, or the next one to open the store, sees to it.
  }
}

bool Leases::wasAlone() const { return state_->members.wasAlone(); }

void Leases::start() {
  state_->members.refuseChild();
  state_->members.start();
  state_->service.emplace(state_->members, state_->table, state_->idle);
}

std::uint32_t Leases::self() const { return state_->members.self(); }

Leases::Use Leases::use(std::uint32_t slot, LockMode mode, Millis timeout, std::string_view name) {
  state_->members.refuseChild();
  state_->table.enter(slot, mode, timeout, name);
  return Use(state_.get(), slot);
}

std::vector<Leases::Use> Leases::useAll(std::span<const std::uint32_t> slots, LockMode mode,
                                        Millis timeout, std::string_view name) {
  std::vector<Use> uses;
  uses.reserve(slots.size());
  const Deadline deadline = Clock::now() + timeout;
  for (const std::uint32_t slot : slots)
    uses.push_back(use(slot, mode, std::chrono::ceil<Millis>(timeLeft(deadline)), name));
  return uses;
}

std::uint64_t Leases::beginStamp() {
  state_->members.refuseChild();
  return state_->members.beginStamp();
}

void Leases::endStamp() {
  state_->members.refuseChild();
  state_->members.endStamp();
}

std::uint64_t Leases::settledStamp() const {
  state_->members.refuseChild();
  return state_->members.settledStamp();
}

void Leases::raiseStamp(std::uint64_t atLeast) {
  state_->members.refuseChild();
  state_->members.raiseStamp(atLeast);
}

Leases::Use::Use(Use&& other) noexcept
    : leases_(std::exchange(other.leases_, nullptr)), slot_(other.slot_) {}

Leases::Use& Leases::Use::operator=(Use&& other) noexcept {
  std::swap(leases_, other.leases_);
  std::swap(slot_, other.slot_);
  return *this;
}

Leases::Use::~Use() {
  if (leases_ != nullptr && !leases_->members.isChild()) leases_->table.leave(slot_);
}

std::uint64_t Leases::Use::epoch() const { return leases_->table.epoch(slot_); }

Leases::Use Leases::Use::again() const {
  leases_->members.refuseChild();
  leases_->table.enterAgain(slot_);
  return Use(leases_, slot_);
}

}  // namespace hexpage
