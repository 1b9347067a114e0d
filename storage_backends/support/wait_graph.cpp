#include "support/wait_graph.hpp"

#include <unordered_set>

namespace hexpage {

void WaitGraph::hold(LockOwner owner, const void* lock) {
  if (owner == 0) return;
  const std::lock_guard guard(mutex_);
  holders_.emplace(lock, owner);
}

void WaitGraph::free(LockOwner owner, const void* lock) {
  if (owner == 0) return;
  const std::lock_guard guard(mutex_);
  auto [holder, end] = holders_.equal_range(lock);
  while (holder != end && holder->second != owner) ++holder;
  if (holder != end) holders_.erase(holder);
}

bool WaitGraph::startWaiting(LockOwner owner, const void* lock) {
  if (owner == 0) return true;
  const std::lock_guard guard(mutex_);
  const Wait wait{lock, ++lastTurn_};
  if (leadsTo(wait, owner)) return false;
  waits_.insert_or_assign(owner, wait);
  return true;
}

void WaitGraph::stopWaiting(LockOwner owner) {
  if (owner == 0) return;
  const std::lock_guard guard(mutex_);
  waits_.erase(owner);
}

std::vector<LockOwner> WaitGraph::before(const Wait& wait) const {
  std::vector<LockOwner> owners;
  const auto [first, end] = holders_.equal_range(wait.lock);
  for (auto holder = first; holder != end; ++holder) owners.push_back(holder->second);
  for (const auto& [owner, other] : waits_)
    if (other.lock == wait.lock && other.turn < wait.turn) owners.push_back(owner);
  return owners;
}

bool WaitGraph::leadsTo(const Wait& first, LockOwner owner) const {
  std::unordered_set<LockOwner> seen;
  std::vector<LockOwner> open = before(first);
  while (!open.empty()) {
    const LockOwner next = open.back();
    open.pop_back();
    if (next == owner) return true;
    const auto wait = waits_.find(next);
    if (wait == waits_.end() || !seen.insert(next).second) continue;
    for (const LockOwner other : before(wait->second)) open.push_back(other);
  }
  return false;
}

}  // namespace hexpage
