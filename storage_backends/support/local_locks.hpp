// Locks among the threads of one process.
#pragma once

#include <hexpage/backend.hpp>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace hexpage {

// A name costs memory only while it is held or waited for. Who waits is let in first come, first
// served, readers together; who comes to a free lock goes in before them, until the first of them
// has waited a millisecond as such.
class LocalLocks : public Locks {
 public:
  LocalLocks();
  ~LocalLocks() override;

  Hold acquire(LockSpace space, std::string_view name, LockMode mode, Millis timeout,
               LockOwner owner = 0) override;
  // In the order of the paths.
  std::vector<Hold> acquireAll(std::span<const std::string_view> paths, LockMode mode,
                               Millis timeout, LockOwner owner = 0) override;
  // Threads that change different items of one hash do not wait for each other, nor do they touch a
  // cache line that the other writes.
  Hold acquireItem(std::string_view path, std::string_view key, Millis timeout) override;
  std::vector<LockEntry> list() override;

  // As acquireItem(), at once; nullopt unless that can be without waiting for anybody. What it
  // gives freeItem() takes, which costs less than a Hold.
  std::optional<std::uint32_t> tryItem(std::string_view path, std::string_view key);
  void freeItem(std::uint32_t stripe) noexcept;
  // Whether nobody holds or awaits the item's lock, nor that of the path: it may be true of one
  // that is being taken. `hashOfKey` is its keyedHash().
  bool isItemFree(std::string_view path, std::uint64_t hashOfKey) const;

 private:
  Hold take(LockSpace space, std::string_view name, LockMode mode, Millis timeout, LockOwner owner,
            std::shared_ptr<const void> kept);

  struct Table;
  std::shared_ptr<Table> table_;  // a Hold may outlive this object
};

}  // namespace hexpage
