// Locks of items, which a thread may take again while it holds them.
#pragma once

#include <hexpage/backend.hpp>
#include <memory>
#include <string>

namespace hexpage {

class ItemLocks {
 public:
  ItemLocks();

  // The exclusive lock of this name in the user's space. The thread that holds it gets it at once;
  // it is free when all its holds are. Throws LockTimeout, also when the wait would be in a circle
  // of threads that wait for each other's items.
  Hold acquire(Locks& locks, const std::string& name, Millis timeout);

 private:
  struct Table;
  std::shared_ptr<Table> table_;  // a Hold may outlive this object
};

}  // namespace hexpage
