// Wakes those who follow a store's changes, in whatever process. Who changes the store rings; that
// costs a look at shared memory, unless somebody sleeps.
#pragma once

#include <functional>
#include <hexpage/types.hpp>
#include <mutex>

#include "support/membership.hpp"

namespace hexpage {

// Thread-safe; for a process that has a place in the store.
class ChangeBell {
 public:
  explicit ChangeBell(Membership& members) : members_(members) {}

  // From beginFollowing() to as many endFollowing() this process is one of those who follow.
  void beginFollowing();
  void endFollowing();
  // Whether some process is, this one too. One that died counts until it is recovered.
  bool isFollowed() const;

  // What was changed can be read.
  void ring();
  // Until look() finds something, at most so long. look() is called before and after the sleep, and
  // nothing that comes between is slept over.
  bool await(const std::function<bool()>& look, Millis timeout);

 private:
  Membership& members_;
  std::mutex mutex_;
  unsigned following_ = 0, sleeping_ = 0;  // how many of this process
};

}  // namespace hexpage
