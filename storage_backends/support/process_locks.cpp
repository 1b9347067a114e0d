#include "support/process_locks.hpp"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <hexpage/error.hpp>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

#include "support/local_locks.hpp"
#include "support/lock_report.hpp"

namespace hexpage {
namespace {

using Clock = std::chrono::steady_clock;
using Deadline = Clock::time_point;

constexpr Millis kHandOver{50};   // for a lease that another process only keeps
constexpr Millis kFirstLook{50};  // for circles, after so long a wait
constexpr Millis kLastLook{250};  // and then less and less often, down to this
constexpr Millis kAnswer{200};    // for another process to tell its locks
constexpr std::size_t kReport = 4096;

Millis left(Deadline deadline) {
  return std::max(std::chrono::ceil<Millis>(deadline - Clock::now()), Millis{0});
}

[[noreturn]] void throwTimeout(std::string_view name, std::int64_t process, Millis timeout) {
  throw Error(Code::LockTimeout,
              "lock timeout: " + std::string(name) + " is held by " +
                  (process == 0 ? "another" : "process " + std::to_string(process)) + ", after " +
                  std::to_string(timeout.count()) + " ms");
}

[[noreturn]] void throwCircle(std::string_view name) {
  throw Error(Code::LockTimeout,
              "lock timeout: waiting for " + std::string(name) +
                  " would not end: who holds it, in another process, waits for what is held here; "
                  "free that and try again");
}

// A wait for other processes.
struct Wait {
  LockSpace space;
  std::string name;
  LockMode mode;
  LockOwner owner;
  Clock::time_point since;
};

// A writer's lock that is held. The path is freed before the lease.
struct Held {
  std::uint32_t slot;
  Leases::Use lease;
  Hold path;
};

// The same of an item.
struct HeldItem {
  Leases::Use lease;
  Hold item;
};

}  // namespace

struct ProcessLocks::Table : std::enable_shared_from_this<Table> {
  std::shared_ptr<Leases> leases;
  std::uint32_t firstSlot;
  std::uint32_t slots;
  LocalLocks local;
  std::mutex mutex;
  std::list<Wait> waits;
  std::unordered_multimap<LockOwner, Held*> ofOwners;

  Table(std::shared_ptr<Leases> all, std::uint32_t first, std::uint32_t count)
      : leases(std::move(all)), firstSlot(first), slots(count) {}

  // Refuses a forked child before it meets a mutex, which may be locked there for ever.
  std::uint32_t slotOf(std::string_view path) const {
    return firstSlot + static_cast<std::uint32_t>(leases->hash(path) % slots);
  }

  Hold lockPath(std::string_view path, LockMode mode, Millis timeout, LockOwner owner);
  Hold lockItem(std::string_view path, std::string_view key, Millis timeout);
  Hold lockName(std::string_view name, LockMode mode, Millis timeout, LockOwner owner);
  void free(const std::shared_ptr<Held>& held, LockOwner owner);
  void freeItem(std::uint32_t slot, std::uint32_t stripe) noexcept;
  std::vector<LockState> own();
  std::vector<LockEntry> ofOthers();

 private:
  // For the time of a wait.
  class Waiting;

  Leases::Use lease(std::uint32_t slot, const Wait& wish, Deadline deadline);
  std::optional<Leases::Use> useOfOwner(std::uint32_t slot, LockOwner owner);
  Leases::Use waitForLease(std::uint32_t slot, const Wait& wish, Deadline deadline);
  bool isInCircle(Waiting& waiting);
  std::int64_t holderOf(std::string_view name);
};

class ProcessLocks::Table::Waiting {
 public:
  Waiting(Table& table, const Wait& wish) : table_(table) {
    const std::lock_guard guard(table_.mutex);
    place_ = table_.waits.insert(table_.waits.end(), wish);
  }
  ~Waiting() { end(); }
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;

  // No longer seen by others.
  void end() {
    const std::lock_guard guard(table_.mutex);
    if (!std::exchange(hasEnded_, true)) table_.waits.erase(place_);
  }
  const Wait& wish() const { return *place_; }

 private:
  Table& table_;
  std::list<Wait>::iterator place_;
  bool hasEnded_ = false;
};

ProcessLocks::ProcessLocks(std::shared_ptr<Leases> leases, std::uint32_t firstSlot,
                           std::uint32_t slots, Items items)
    : table_(std::make_shared<Table>(std::move(leases), firstSlot, slots)), items_(items) {
  table_->leases->reportWith([table = std::weak_ptr(table_)] {
    const auto alive = table.lock();
    return alive ? encodeReport(alive->own(), kReport) : std::string();
  });
}

ProcessLocks::~ProcessLocks() = default;

Hold ProcessLocks::acquire(LockSpace space, std::string_view name, LockMode mode, Millis timeout,
                           LockOwner owner) {
  return space == LockSpace::Writer ? table_->lockPath(name, mode, timeout, owner)
                                    : table_->lockName(name, mode, timeout, owner);
}

std::vector<Hold> ProcessLocks::acquireAll(std::span<const std::string_view> paths, LockMode mode,
                                           Millis timeout, LockOwner owner) {
  std::vector<std::pair<std::uint32_t, std::string_view>> sorted;
  sorted.reserve(paths.size());
  for (const std::string_view path : paths) sorted.emplace_back(table_->slotOf(path), path);
  std::sort(sorted.begin(), sorted.end());
  sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
  if (owner == 0 && sorted.size() > 1) owner = newLockOwner();
  const Deadline deadline = Clock::now() + timeout;
  std::vector<Hold> holds;
  holds.reserve(sorted.size());
  for (const auto& [slot, path] : sorted)
    holds.push_back(table_->lockPath(path, mode, left(deadline), owner));
  return holds;
}

Hold ProcessLocks::acquireItem(std::string_view path, std::string_view key, Millis timeout) {
  if (items_ == Items::WithTheirHash) return Locks::acquireItem(path, key, timeout);
  return table_->lockItem(path, key, timeout);
}

std::vector<LockEntry> ProcessLocks::list() {
  std::vector<LockEntry> entries = table_->ofOthers();
  for (LockState& lock : table_->own()) entries.push_back(std::move(lock.entry));
  return entries;
}

// A process that does not answer has an entry without a name.
std::vector<LockEntry> ProcessLocks::Table::ofOthers() {
  std::vector<LockEntry> entries;
  leases->askOthers(kAnswer, [&](std::span<const LeaseReport> reports) {
    for (const LeaseReport& report : reports) {
      if (!report.text) {
        LockEntry silent;
        silent.process = report.process;
        entries.push_back(silent);
        continue;
      }
      for (LockState& lock : decodeReport(*report.text, report.process))
        entries.push_back(std::move(lock.entry));
    }
  });
  return entries;
}

Hold ProcessLocks::Table::lockPath(std::string_view path, LockMode mode, Millis timeout,
                                   LockOwner owner) {
  const Deadline deadline = Clock::now() + timeout;
  const std::uint32_t slot = slotOf(path);
  const Wait wish{LockSpace::Writer, std::string(path), mode, owner, Clock::now()};
  auto held = std::make_shared<Held>();
  held->slot = slot;
  held->lease = lease(slot, wish, deadline);
  held->path = local.acquire(LockSpace::Writer, path, mode, left(deadline), owner);
  std::function<void()> release = [table = shared_from_this(), held, owner] {
    table->free(held, owner);
  };
  if (owner != 0) {
    const std::lock_guard guard(mutex);
    ofOwners.emplace(owner, held.get());
  }
  return Hold(std::move(release));
}

// Freed before this object ends, so it need not keep the table.
Hold ProcessLocks::Table::lockItem(std::string_view path, std::string_view key, Millis timeout) {
  const std::uint32_t slot = slotOf(path);
  auto use = leases->useAtHand(slot, LockMode::Exclusive);
  if (use)
    if (const auto stripe = local.tryItem(path, key)) {
      use->keep();
      return Hold([this, slot, stripe = *stripe] { freeItem(slot, stripe); });
    }
  auto held = std::make_unique<HeldItem>();
  Millis rest = timeout;
  if (use) {
    held->lease = std::move(*use);
  } else {
    const Wait wish{LockSpace::Writer, std::string(path), LockMode::Exclusive, 0, Clock::now()};
    held->lease = waitForLease(slot, wish, wish.since + std::max(timeout, kHandOver));
    rest = left(wish.since + timeout);
  }
  held->item = local.acquireItem(path, key, rest);
  return Hold([this, item = held.release()] {
    if (!leases->isChild()) delete item;  // there the locks are the parent's
  });
}

void ProcessLocks::Table::freeItem(std::uint32_t slot, std::uint32_t stripe) noexcept {
  if (leases->isChild()) return;  // there the locks are the parent's
  local.freeItem(stripe);
  leases->leave(slot);
}

void ProcessLocks::Table::free(const std::shared_ptr<Held>& held, LockOwner owner) {
  if (leases->isChild()) {
    // The locks are the parent's, and a mutex here may be locked for ever: let it be.
    static_cast<void>(new std::shared_ptr<Held>(held));
    return;
  }
  if (owner != 0) {
    const std::lock_guard guard(mutex);
    const auto [begin, end] = ofOwners.equal_range(owner);
    ofOwners.erase(std::find_if(begin, end, [&](auto& one) { return one.second == held.get(); }));
  }
  held->path.free();
  held->lease = {};
}

// A circle among the threads of this process is noticed here; one through other processes is not.
Hold ProcessLocks::Table::lockName(std::string_view name, LockMode mode, Millis timeout,
                                   LockOwner owner) {
  static_cast<void>(slotOf(name));
  const Deadline deadline = Clock::now() + timeout;
  auto among = std::make_shared<Hold>(local.acquire(LockSpace::User, name, mode, timeout, owner));
  auto across = leases->lockName(name, mode, Millis{0});
  if (!across) {
    const Waiting waiting(*this, {LockSpace::User, std::string(name), mode, 0, Clock::now()});
    across = leases->lockName(name, mode, left(deadline));
  }
  if (!across) throwTimeout(name, timeout.count() == 0 ? 0 : holderOf(name), timeout);
  auto process = std::make_shared<Hold>(std::move(*across));
  return Hold([table = shared_from_this(), process, among] {
    process->free();
    if (table->leases->isChild())
      static_cast<void>(new std::shared_ptr<Hold>(among));
    else
      among->free();
  });
}

// The process that has a lock of the user's, or one of those that share it; 0 when none tells.
std::int64_t ProcessLocks::Table::holderOf(std::string_view name) {
  try {
    for (const LockEntry& lock : ofOthers())
      if (lock.space == LockSpace::User && !lock.isWaiting && lock.name == name)
        return lock.process;
  } catch (const Error& e) {
    if (e.code() != Code::LockTimeout) throw;  // somebody else asks just now
  }
  return 0;
}

// Exclusive also for a shared lock of the path: the slot has other paths, which threads of this
// process may lock exclusively meanwhile, and a lease can not be raised.
Leases::Use ProcessLocks::Table::lease(std::uint32_t slot, const Wait& wish, Deadline deadline) {
  if (wish.owner != 0)
    if (auto use = useOfOwner(slot, wish.owner)) return std::move(*use);
  if (auto use = leases->useAtHand(slot, LockMode::Exclusive)) return std::move(*use);
  return waitForLease(slot, wish, std::max(deadline, Clock::now() + kHandOver));
}

// Without waiting for those that want the slot: they wait for this owner.
std::optional<Leases::Use> ProcessLocks::Table::useOfOwner(std::uint32_t slot, LockOwner owner) {
  const std::lock_guard guard(mutex);
  const auto [begin, end] = ofOwners.equal_range(owner);
  const auto same = std::find_if(begin, end, [&](auto& one) { return one.second->slot == slot; });
  if (same == end) return std::nullopt;
  return same->second->lease.again();
}

Leases::Use ProcessLocks::Table::waitForLease(std::uint32_t slot, const Wait& wish,
                                              Deadline deadline) {
  Waiting waiting(*this, wish);
  for (Millis look = kFirstLook;; look = std::min(look * 2, kLastLook)) {
    const Millis time = wish.owner == 0 ? left(deadline) : std::min(look, left(deadline));
    if (auto use = leases->tryUse(slot, LockMode::Exclusive, time)) return std::move(*use);
    if (left(deadline).count() == 0) {
      const auto waited = std::chrono::duration_cast<Millis>(Clock::now() - wish.since);
      throwTimeout(wish.name, leases->holder(slot), waited);
    }
    if (isInCircle(waiting)) throwCircle(wish.name);
  }
}

// When it is, the wait is over before anybody else looks: only one of a circle gives up.
bool ProcessLocks::Table::isInCircle(Waiting& waiting) {
  bool isCircle = false;
  try {
    leases->askOthers(kAnswer, [&](std::span<const LeaseReport> reports) {
      std::vector<PlaceLocks> places{{leases->self(), own()}};
      for (const LeaseReport& report : reports)
        if (report.text) places.push_back({report.place, decodeReport(*report.text, 0)});
      isCircle = waitsInCircle(places, leases->self(), waiting.wish().owner,
                               [&](std::string_view path) { return slotOf(path); });
      if (isCircle) waiting.end();
    });
  } catch (const Error& e) {
    if (e.code() != Code::LockTimeout) throw;  // somebody else looks just now
  }
  return isCircle;
}

// Who waits for another process with a name holds it among the threads already: shown as a wait.
std::vector<LockState> ProcessLocks::Table::own() {
  std::vector<LockState> locks;
  for (LockEntry& entry : local.list()) locks.push_back({std::move(entry), false});
  const std::lock_guard guard(mutex);
  for (const Wait& wait : waits) {
    const auto isSame = [&](const LockState& lock) {
      const LockEntry& entry = lock.entry;
      return wait.space == LockSpace::User && entry.space == wait.space && !entry.isWaiting &&
             entry.name == wait.name;
    };
    const auto same = std::find_if(locks.begin(), locks.end(), isSame);
    if (same != locks.end()) locks.erase(same);
    const auto since = std::chrono::duration_cast<Millis>(Clock::now() - wait.since);
    locks.push_back(
        {{wait.space, wait.name, wait.mode, true, ::getpid(), since, wait.owner}, true});
  }
  return locks;
}

}  // namespace hexpage
