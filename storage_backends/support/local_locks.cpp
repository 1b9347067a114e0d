#include "support/local_locks.hpp"

#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <functional>
#include <hexpage/error.hpp>
#include <mutex>
#include <string>
#include <unordered_map>

#include "support/at_end.hpp"
#include "support/keyed_hash.hpp"
#include "support/named_lock.hpp"
#include "support/pause.hpp"
#include "support/small_mutex.hpp"
#include "support/wait_graph.hpp"

namespace hexpage {
namespace {

using Guard = std::unique_lock<std::mutex>;

// To some milliseconds, and for a fraction of what the exact time costs.
Millis coarseNow() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
  return Millis(now.tv_sec * 1000 + now.tv_nsec / 1'000'000);
}

struct NameHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view name) const { return keyedHash(name); }
};

using NamedLocks = std::unordered_map<std::string, NamedLock, NameHash, std::equal_to<>>;

// Names are spread over parts so that threads on different hashes seldom meet.
struct alignas(64) Part {
  std::mutex mutex;
  std::array<NamedLocks, 2> locks;  // by space

  NamedLocks& of(LockSpace space) { return locks[static_cast<std::size_t>(space)]; }
};

// For changes of single items; many items share one.
struct alignas(64) Stripe {
  SmallMutex mutex;
};

[[noreturn]] void throwTimeout(std::string_view name, Millis timeout) {
  throw Error(Code::LockTimeout, "lock timeout: " + std::string(name) +
                                     " is held by another, after " +
                                     std::to_string(timeout.count()) + " ms");
}

[[noreturn]] void throwCircle(std::string_view name) {
  throw Error(
      Code::LockTimeout,
      "lock timeout: waiting for " + std::string(name) +
          " would not end: who holds it waits for what is held here; free that and try again");
}

// The gate of a path is shut while anybody holds or awaits its writer's lock. Nearly always none
// is, and who passes need not find out which is that of the path.
class Gates {
 public:
  using Count = std::atomic<std::uint32_t>;  // how many keep it shut

  bool isOpen(std::string_view path) { return shut_ == 0 || gateOf(path) == 0; }

  class Shut {
   public:
    Shut(Gates& gates, std::string_view path) : all_(gates.shut_), gate_(gates.gateOf(path)) {
      ++gate_;
      ++all_;
    }
    ~Shut() {
      --all_;
      --gate_;
    }
    Shut(const Shut&) = delete;
    Shut& operator=(const Shut&) = delete;

   private:
    Count& all_;
    Count& gate_;
  };

 private:
  Count& gateOf(std::string_view path) { return gates_[NameHash()(path) % gates_.size()]; }

  alignas(64) Count shut_{0};
  std::array<Count, 256> gates_{};
};

}  // namespace

// Lock order: named locks, a stripe; a part's mutex, the graph's own.
//
// Who changes one item takes a stripe and then looks at the gate of the path. If that is shut he
// gives the stripe back, awaits his turn at the path's lock and takes the stripe again. Who has got
// the lock otherwise goes through all stripes once: those taken before he shut the gate are given
// back by then, and who takes one later sees it shut.
struct LocalLocks::Table {
  std::array<Part, 16> parts;
  WaitGraph graph;
  std::array<Stripe, 64> stripes;
  Gates gates;
  std::atomic<bool> hasStripesInUse{false};  // from the first change of one item on

  Part& partOf(std::string_view name) { return parts[NameHash()(name) % parts.size()]; }
  std::uint32_t stripeOf(std::string_view key) const {
    return static_cast<std::uint32_t>(NameHash()(key) % stripes.size());
  }

  void useStripes() {
    if (!hasStripesInUse.load(std::memory_order_relaxed)) hasStripesInUse = true;
  }

  void passStripes(std::string_view path, Millis timeout) {
    if (!hasStripesInUse) return;
    const auto deadline = std::chrono::steady_clock::now() + timeout;
    for (Stripe& stripe : stripes)
      if (!stripe.mutex.passUntil(deadline)) throwTimeout(path, timeout);
  }

  void take(Stripe& stripe, std::string_view path, Millis timeout) {
    if (stripe.mutex.try_lock()) return;
    if (!stripe.mutex.lockUntil(std::chrono::steady_clock::now() + timeout))
      throwTimeout(path, timeout);
  }

  // Waits, last in the queue, until the lock lets `turn` in; its place is then empty.
  void wait(Guard& guard, std::string_view name, NamedLock& lock, NamedLock::Turns& turn,
            Millis timeout) {
    const LockOwner owner = turn.front().owner;
    if (!graph.startWaiting(owner, &lock)) throwCircle(name);
    const auto place = turn.begin();
    lock.join(turn, turn.front().since);
    const auto isTurn = [&] { return lock.isTurnOf(place); };
    const bool isLetIn = spin(guard, lock, place) || place->wake.wait_for(guard, timeout, isTurn);
    lock.leave(place, turn, coarseNow());
    graph.stopWaiting(owner);
    if (isLetIn) return;
    lock.wakeFirst();  // the next may be let in where this one was not
    throwTimeout(name, timeout);
  }

  // Looks a few times before it sleeps.
  static bool spin(Guard& guard, NamedLock& lock, NamedLock::Turns::iterator place) {
    constexpr int kLooks = 20, kPauses = 40;
    for (int look = 0; look < kLooks && lock.staysAwake(place); ++look) {
      guard.unlock();
      for (int pause = 0; pause < kPauses; ++pause) pauseAMoment();
      guard.lock();
      if (lock.isTurnOf(place)) return true;
    }
    return false;
  }
};

LocalLocks::LocalLocks() : table_(std::make_shared<Table>()) {}
LocalLocks::~LocalLocks() = default;

Hold LocalLocks::acquire(LockSpace space, std::string_view name, LockMode mode, Millis timeout,
                         LockOwner owner) {
  if (space == LockSpace::User) return take(space, name, mode, timeout, owner, nullptr);
  const auto shut = std::make_shared<Gates::Shut>(table_->gates, name);
  Hold hold = take(space, name, mode, timeout, owner, shut);
  table_->passStripes(name, timeout);
  return hold;
}

Hold LocalLocks::acquireItem(std::string_view path, std::string_view key, Millis timeout) {
  table_->useStripes();
  Stripe& stripe = table_->stripes[table_->stripeOf(key)];
  table_->take(stripe, path, timeout);
  if (table_->gates.isOpen(path)) return Hold([&stripe] { stripe.mutex.unlock(); });
  stripe.mutex.unlock();
  auto turn = std::make_shared<Hold>(
      take(LockSpace::Writer, path, LockMode::Exclusive, timeout, 0, nullptr));
  std::function<void()> release = [turn = std::move(turn), &stripe] { stripe.mutex.unlock(); };
  table_->take(stripe, path, timeout);
  return Hold(std::move(release));
}

std::optional<std::uint32_t> LocalLocks::tryItem(std::string_view path, std::string_view key) {
  table_->useStripes();
  const std::uint32_t number = table_->stripeOf(key);
  SmallMutex& mutex = table_->stripes[number].mutex;
  if (!mutex.try_lock()) return std::nullopt;
  if (table_->gates.isOpen(path)) return number;
  mutex.unlock();
  return std::nullopt;
}

bool LocalLocks::isItemFree(std::string_view path, std::uint64_t hashOfKey) const {
  return table_->stripes[hashOfKey % table_->stripes.size()].mutex.isFree() &&
         table_->gates.isOpen(path);
}

void LocalLocks::freeItem(std::uint32_t stripe) noexcept { table_->stripes[stripe].mutex.unlock(); }

// `kept` is let go after the lock. What frees the lock is made before it is taken: making it may
// fail for want of memory.
Hold LocalLocks::take(LockSpace space, std::string_view name, LockMode mode, Millis timeout,
                      LockOwner owner, std::shared_ptr<const void> kept) {
  NamedLock::Turns turn;
  turn.emplace_back(mode, owner, coarseNow());
  Part& part = table_->partOf(name);
  Guard guard(part.mutex);
  NamedLocks& locks = part.of(space);
  auto entry = locks.find(name);
  if (entry == locks.end()) entry = locks.try_emplace(std::string(name)).first;
  NamedLock& lock = entry->second;  // node addresses are stable
  const AtEnd forget([&] {
    if (lock.isIdle()) locks.erase(locks.find(name));
  });
  std::function<void()> release = [table = table_, &part, &locks, &lock, holder = turn.begin(),
                                   name = std::string(name), kept = std::move(kept)] {
    const std::lock_guard leaving(part.mutex);
    table->graph.free(holder->owner, &lock);
    lock.free(holder);
    if (lock.isIdle())
      locks.erase(locks.find(name));
    else
      lock.wakeFirst();
  };
  if (!lock.isOpenTo(mode, turn.front().since)) {
    table_->wait(guard, name, lock, turn, timeout);
    turn.front().since = coarseNow();
  }
  table_->graph.hold(owner, &lock);
  lock.hold(turn);
  lock.wakeFirst();  // another reader may come in as well
  return Hold(std::move(release));
}

std::vector<Hold> LocalLocks::acquireAll(std::span<const std::string_view> paths, LockMode mode,
                                         Millis timeout, LockOwner owner) {
  std::vector<std::string_view> sorted(paths.begin(), paths.end());
  std::sort(sorted.begin(), sorted.end());
  sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
  if (owner == 0 && sorted.size() > 1) owner = newLockOwner();
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  std::vector<Hold> holds;
  holds.reserve(sorted.size());
  for (const std::string_view path : sorted) {
    const auto left = std::chrono::ceil<Millis>(deadline - std::chrono::steady_clock::now());
    holds.push_back(acquire(LockSpace::Writer, path, mode, std::max(left, Millis{0}), owner));
  }
  return holds;
}

std::vector<LockEntry> LocalLocks::list() {
  std::vector<LockEntry> entries;
  const Millis now = coarseNow();
  for (Part& part : table_->parts) {
    const std::lock_guard guard(part.mutex);
    for (const LockSpace space : {LockSpace::Writer, LockSpace::User})
      for (const auto& [name, lock] : part.of(space)) {
        const auto add = [&, &named = name](const Turn& turn, bool isWaiting) {
          entries.push_back(
              {space, named, turn.mode, isWaiting, ::getpid(), now - turn.since, turn.owner});
        };
        for (const Turn& turn : lock.holders()) add(turn, false);
        for (const Turn& turn : lock.queue()) add(turn, true);
      }
  }
  return entries;
}

}  // namespace hexpage
