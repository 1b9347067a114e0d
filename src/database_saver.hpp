// Stores hashes to their tables at intervals and at the end.
#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "database_plan.hpp"
#include "support/fork_watch.hpp"
#include "support/timed_thread.hpp"

namespace hexpage {

struct Session;

class DatabaseSaver {
 public:
  // `session` must outlive it. Starts a thread when a plan has an interval.
  DatabaseSaver(Session& session, std::vector<DatabasePlan> plans);
  // Stores all of them once more, but not from a forked child. What fails then is not told.
  ~DatabaseSaver();

  // Why the last save of a hash failed; "" when it did not.
  std::string problem() const;

 private:
  TimedThread::Clock::time_point saveWhatIsDue();
  void save(const DatabasePlan& plan);

  Session& session_;
  const std::vector<DatabasePlan> plans_;
  std::vector<TimedThread::Clock::time_point> due_;  // of each plan; the end of time: never
  mutable std::mutex mutex_;                         // of problem_
  std::string problem_;
  ForkWatch forked_{[] {}};
  std::optional<TimedThread> thread_;  // last: it uses the others
};

}  // namespace hexpage
