// Removes what has expired, in all hashes of a store, at intervals: a thread of its own that works
// for at most a millisecond at a time and rests four times as long.
#pragma once

#include <hexpage/types.hpp>
#include <mutex>
#include <string>

#include "support/timed_thread.hpp"

namespace hexpage {

struct Session;

class Sweeper {
 public:
  // `session` must outlive it.
  Sweeper(Session& session, Millis interval);

  // Why the last sweep of a hash failed; "" when it did not. A hash whose writer's lock does not
  // come soon is left for the next time, and that is no failure.
  std::string problem() const;

 private:
  void sweepAll();
  void sweep(const std::string& path);

  Session& session_;
  mutable std::mutex mutex_;  // of problem_
  std::string problem_;
  TimedThread thread_;  // last: it uses the others
};

}  // namespace hexpage
