// Locks among the threads of one process.
#pragma once

#include <condition_variable>
#include <hexpage/backend.hpp>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

namespace hexpage {

// A name costs memory only while it is held or waited for. First come, first served, but for
// readers, which share when no writer waits before them.
class LocalLocks : public Locks {
 public:
  LocalLocks();
  ~LocalLocks() override;

  Hold acquire(std::string_view name, LockMode mode, Millis timeout) override;

 private:
  struct Table;
  std::shared_ptr<Table> table_;  // a Hold may outlive this object
};

}  // namespace hexpage
