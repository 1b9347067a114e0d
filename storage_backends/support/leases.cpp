#include "support/leases.hpp"

#include <hexpage/error.hpp>
#include <utility>

#include "support/change_bell.hpp"
#include "support/lease_reports.hpp"
#include "support/lease_service.hpp"
#include "support/lease_table.hpp"
#include "support/name_locks.hpp"

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
  LeaseReports reports;
  NameLocks names;
  ChangeBell bell;
  Millis idle;
  std::optional<LeaseService> service;
  bool isClosed = false;

  State(int directory, std::uint32_t slots, const LeaseEvents& events, const LeaseOptions& options)
      : Access(directory, slots, events, options),
        reports(members),
        names(members),
        bell(members),
        idle(options.idle) {}
};

namespace {

// In a forked child the service thread is not there, and mutexes may be locked for ever: nothing
// is taken apart.
template <class State>
void destroy(State* state) {
  if (!state->members.isChild()) delete state;
}

}  // namespace

Leases::Leases(int directory, std::uint32_t slots, LeaseEvents events, const LeaseOptions& options)
    : state_(new State(directory, slots, events, options), destroy<State>) {}

Leases::~Leases() { close(); }

void Leases::close() noexcept {
  if (state_->members.isChild() || std::exchange(state_->isClosed, true)) return;
  state_->service.reset();
  bool isClean = !state_->members.isInFlight(state_->members.self());
  try {
    state_->table.giveBackAll();
  } catch (...) {  // another process, or the next one to come, sees to it
    isClean = false;
  }
  state_->members.leave(isClean);
}

bool Leases::wasAlone() const { return state_->members.wasAlone(); }

void Leases::moveTo(std::uint32_t place) { state_->members.moveTo(place); }

void Leases::leaveDead(std::uint32_t place, std::span<const std::uint32_t> slots,
                       std::uint64_t inFlight) {
  state_->members.leaveDead(place, slots, inFlight);
}

void Leases::start() {
  state_->members.refuseChild();
  state_->members.start();
  state_->service.emplace(state_->members, state_->table, state_->reports, state_->idle);
}

std::uint32_t Leases::self() const { return state_->members.self(); }

bool Leases::isChild() const noexcept { return state_->members.isChild(); }

Leases::Use Leases::use(std::uint32_t slot, LockMode mode, Millis timeout, std::string_view name) {
  if (auto use = tryUse(slot, mode, timeout)) return std::move(*use);
  const std::int64_t other = holder(slot);
  throw Error(Code::LockTimeout, "lock timeout: " + std::string(name) + " is held by " +
                                     (other == 0 ? "another" : "process " + std::to_string(other)) +
                                     ", after " + std::to_string(timeout.count()) + " ms");
}

std::int64_t Leases::holder(std::uint32_t slot) const { return state_->table.holder(slot); }

std::optional<Leases::Use> Leases::tryUse(std::uint32_t slot, LockMode mode, Millis timeout) {
  state_->members.refuseChild();
  if (!state_->table.enter(slot, mode, timeout)) return std::nullopt;
  return Use(state_.get(), slot);
}

std::optional<Leases::Use> Leases::useAtHand(std::uint32_t slot, LockMode mode) {
  state_->members.refuseChild();
  if (!state_->table.tryEnter(slot, mode)) return std::nullopt;
  return Use(state_.get(), slot);
}

void Leases::leave(std::uint32_t slot) noexcept {
  if (!isChild()) state_->table.leave(slot);
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

std::uint64_t Leases::hash(std::string_view name) const {
  state_->members.refuseChild();
  return sipHash(name, state_->members.state().header().nameKey);
}

std::optional<Hold> Leases::lockName(std::string_view name, LockMode mode, Millis timeout) {
  const std::uint64_t position = hash(name);
  std::function<void()> release = [state = state_, position] {
    if (!state->members.isChild()) state->names.unlock(position);
  };
  if (!state_->names.lock(position, mode, Clock::now() + timeout)) return std::nullopt;
  return Hold(std::move(release));
}

Hold Leases::follow() {
  state_->members.refuseChild();
  std::function<void()> release = [state = state_] {
    if (!state->members.isChild()) state->bell.endFollowing();
  };
  state_->bell.beginFollowing();
  return Hold(std::move(release));
}

bool Leases::isFollowed() const { return state_->bell.isFollowed(); }

void Leases::tellFollowers() { state_->bell.ring(); }

bool Leases::awaitChange(const std::function<bool()>& look, Millis timeout) {
  state_->members.refuseChild();
  return state_->bell.await(look, timeout);
}

bool Leases::isTaken(std::uint32_t place) const {
  state_->members.refuseChild();
  return state_->members.state().place(place).isTaken != 0;
}

std::size_t Leases::takenPlaces() const {
  std::size_t taken = 0;
  for (std::uint32_t place = 0; place < kPlaces; ++place) taken += isTaken(place) ? 1 : 0;
  return taken;
}

std::uint64_t Leases::comings() const { return state_->members.state().header().comings; }

void Leases::askOthers(Millis patience,
                       const std::function<void(std::span<const LeaseReport>)>& look) {
  state_->members.refuseChild();
  state_->reports.askOthers(patience, look);
}

void Leases::reportWith(LeaseReporter reporter) { state_->reports.reportWith(std::move(reporter)); }

std::uint64_t Leases::beginStamp() {
  state_->members.refuseChild();
  return state_->members.beginStamp();
}

void Leases::endStamp() {
  state_->members.refuseChild();
  state_->members.endStamp(self());
}

std::uint64_t Leases::settledStamp() const {
  state_->members.refuseChild();
  return state_->members.settledStamp();
}

std::vector<std::uint32_t> Leases::deadPlaces() const {
  std::vector<std::uint32_t> dead;
  for (std::uint32_t place = 0; place < kPlaces; ++place)
    if (state_->members.isDead(place)) dead.push_back(place);
  return dead;
}

std::vector<std::uint32_t> Leases::placesInFlight() const {
  const Membership& members = state_->members;
  std::vector<std::uint32_t> inFlight;
  for (std::uint32_t place = 0; place < kPlaces; ++place)
    if (members.isInFlight(place) && members.isLiveOther(place)) inFlight.push_back(place);
  return inFlight;
}

void Leases::endStampOf(std::uint32_t place) { state_->members.endStamp(place); }

void Leases::recoverDead() {
  state_->members.refuseChild();
  state_->members.recoverDead();
}

void Leases::beginTaking(std::uint32_t place) { state_->members.beginTaking(place); }

void Leases::endTaking(std::uint32_t place) { state_->members.endTaking(place); }

bool Leases::mayHaveTaken(std::uint32_t taker, std::uint32_t place) const {
  return state_->members.mayHaveTaken(taker, place);
}

void Leases::whileFree(std::uint32_t place, const std::function<void()>& work) {
  state_->members.refuseChild();
  state_->members.whileFree(place, work);
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
