// Stores hashes to their tables at intervals and at the end.
#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "database_plan.hpp"

namespace hexpage {

struct Session;

class DatabaseSaver {
 public:
  // `session` must outlive it. Starts a thread when a plan has an interval.
  DatabaseSaver(Session& session, std::vector<DatabasePlan> plans);
  // Stores all of them once more. What fails then is not told.
  ~DatabaseSaver();

  // Why the last save of a hash failed; "" when it did not.
  std::string problem() const;

 private:
  void run();
  void save(const DatabasePlan& plan);

  Session& session_;
  const std::vector<DatabasePlan> plans_;
  mutable std::mutex mutex_;
  std::condition_variable isOver_;
  bool isStopping_ = false;
  std::string problem_;
  std::thread thread_;
};

}  // namespace hexpage
