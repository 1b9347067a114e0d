// Locks among the threads of a process and among processes.
//
// A writer's lock is a lease of the slot that the path's hash gives, shared by the threads of the
// process, and under it the lock of the exact path among them. So it costs no system call while no
// other process writes to a hash of that slot. One that is taken shared is shared by threads, not
// by processes; nothing needs that. A user's lock is that of the exact name among the threads, and
// under it the name's lock among processes.
//
// Order of acquisition: slot, then path; the lease always before the path's own lock, since who
// waits for a lease must hold nothing of the slot that another thread needs to end.
#pragma once

#include <hexpage/backend.hpp>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "support/leases.hpp"

namespace hexpage {

class ProcessLocks : public Locks {
 public:
  // What acquireItem() locks among the threads of this process; among processes it is the slot.
  enum class Items { WithTheirHash, EachByItself };

  // The writers' slots are `slots` ones from `firstSlot` on. To be made before leases->start().
  ProcessLocks(std::shared_ptr<Leases> leases, std::uint32_t firstSlot, std::uint32_t slots,
               Items items = Items::WithTheirHash);
  ~ProcessLocks() override;

  // Of an owner that waits in a circle with owners in other processes one is told within a second
  // or so. A try (timeout 0) for a writer's lock waits up to 50 ms for another process to give back
  // what it only keeps.
  Hold acquire(LockSpace space, std::string_view name, LockMode mode, Millis timeout,
               LockOwner owner = 0) override;
  std::vector<Hold> acquireAll(std::span<const std::string_view> paths, LockMode mode,
                               Millis timeout, LockOwner owner = 0) override;
  Hold acquireItem(std::string_view path, std::string_view key, Millis timeout) override;
  // Asks the other processes, and waits for one that is stopped for a moment. Of each other one as
  // many as fit into 4 KiB.
  std::vector<LockEntry> list() override;

 private:
  struct Table;
  std::shared_ptr<Table> table_;  // a Hold may outlive this object
  Items items_;
};

}  // namespace hexpage
