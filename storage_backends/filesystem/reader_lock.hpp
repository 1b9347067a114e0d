// Keeps processes that write out of a store that is read as it lies, without a change to it.
#pragma once

#include <hexpage/types.hpp>
#include <memory>

#include "support/fork_watch.hpp"
#include "support/lock_file.hpp"

namespace hexpage {

// Held for life, by any number of readers. A store that hexpage has never opened for writing has no
// lock file: then nobody is kept out.
class ReaderLock {
 public:
  // Null when another process has the store open to write. `directory` is `.hexpage`. Throws
  // LockTimeout when another one is just opening it for that long; Io when the lock file is there
  // and can not be read.
  static std::unique_ptr<ReaderLock> take(int directory, Millis timeout);

  // Whether this is in a forked child, which holds nothing.
  bool isChild() const noexcept { return watch_.isChild(); }

 private:
  explicit ReaderLock(std::optional<LockFile> file);

  std::optional<LockFile> file_;
  ForkWatch watch_;
};

}  // namespace hexpage
