#include "support/local_locks.hpp"

#include <array>
#include <functional>
#include <hexpage/error.hpp>
#include <list>

namespace hexpage {
namespace {

struct NamedLock {
  std::size_t readers = 0;
  bool writer = false;
  std::list<LockMode> queue;  // who waits, first come first
  std::condition_variable changed;

  bool admits(LockMode mode) const {
    return mode == LockMode::Shared ? !writer : !writer && readers == 0;
  }
  void take(LockMode mode) {
    if (mode == LockMode::Shared)
      ++readers;
    else
      writer = true;
  }
  void leave(LockMode mode) {
    if (mode == LockMode::Shared)
      --readers;
    else
      writer = false;
  }
  bool idle() const { return readers == 0 && !writer && queue.empty(); }
};

struct NameHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view name) const {
    return std::hash<std::string_view>()(name);
  }
};

// Names are spread over parts so that threads on different hashes seldom meet.
struct Part {
  std::mutex mutex;
  std::unordered_map<std::string, NamedLock, NameHash, std::equal_to<>> locks;
};

}  // namespace

struct LocalLocks::Table {
  std::array<Part, 16> parts;

  Part& partOf(std::string_view name) { return parts[NameHash()(name) % parts.size()]; }
};

LocalLocks::LocalLocks() : table_(std::make_shared<Table>()) {}
LocalLocks::~LocalLocks() = default;

Hold LocalLocks::acquire(std::string_view name, LockMode mode, Millis timeout) {
  Part& part = table_->partOf(name);
  std::unique_lock guard(part.mutex);
  auto entry = part.locks.find(name);
  if (entry == part.locks.end()) entry = part.locks.try_emplace(std::string(name)).first;
  NamedLock& lock = entry->second;  // node addresses are stable
  if (!lock.queue.empty() || !lock.admits(mode)) {
    const auto place = lock.queue.insert(lock.queue.end(), mode);
    const bool admitted = lock.changed.wait_for(
        guard, timeout, [&] { return place == lock.queue.begin() && lock.admits(mode); });
    lock.queue.erase(place);
    lock.changed.notify_all();  // who comes next may be admitted too, or this one gave up its place
    if (!admitted) {
      if (lock.idle()) part.locks.erase(part.locks.find(name));
      throw Error(Code::LockTimeout, "lock timeout: " + std::string(name) +
                                         " is held by another, after " +
                                         std::to_string(timeout.count()) + " ms");
    }
  }
  lock.take(mode);
  return Hold([table = table_, &part, &lock, mode, name = std::string(name)] {
    std::lock_guard leaving(part.mutex);
    lock.leave(mode);
    if (lock.idle())
      part.locks.erase(part.locks.find(name));
    else
      lock.changed.notify_all();
  });
}

}  // namespace hexpage
