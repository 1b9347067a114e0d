#include "item_locks.hpp"

#include <functional>
#include <mutex>
#include <unordered_map>
#include <utility>

namespace hexpage {
namespace {

// The system gives the id of a thread that is gone to a new one; this is never given twice.
LockOwner thisThread() {
  thread_local const LockOwner owner = newLockOwner();
  return owner;
}

}  // namespace

struct ItemLocks::Table {
  struct Held {
    LockOwner owner = 0;
    std::size_t times = 0;
    Hold hold;
  };

  std::mutex mutex;
  std::unordered_map<std::string, Held> held;

  // Whether the thread has it already: then it has it once more.
  bool again(const std::string& name, LockOwner owner) {
    const std::lock_guard guard(mutex);
    const auto found = held.find(name);
    if (found == held.end() || found->second.owner != owner) return false;
    ++found->second.times;
    return true;
  }

  void add(const std::string& name, LockOwner owner, Hold hold) {
    const std::lock_guard guard(mutex);
    held.insert_or_assign(name, Held{owner, 1, std::move(hold)});
  }

  void leave(const std::string& name) {
    Hold last;  // freed without the mutex
    const std::lock_guard guard(mutex);
    const auto found = held.find(name);
    if (--found->second.times > 0) return;
    last = std::move(found->second.hold);
    held.erase(found);
  }
};

ItemLocks::ItemLocks() : table_(std::make_shared<Table>()) {}

Hold ItemLocks::acquire(Locks& locks, const std::string& name, Millis timeout) {
  const LockOwner owner = thisThread();
  std::function<void()> release = [table = table_, name] { table->leave(name); };
  if (!table_->again(name, owner))
    table_->add(name, owner,
                locks.acquire(LockSpace::User, name, LockMode::Exclusive, timeout, owner));
  return Hold(std::move(release));
}

}  // namespace hexpage
