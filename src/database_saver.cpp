#include "database_saver.hpp"

#include <algorithm>
#include <chrono>
#include <exception>
#include <hexpage/error.hpp>
#include <hexpage/hashes.hpp>

#include "session.hpp"
#include "support/quiet_thread.hpp"

namespace hexpage {
namespace {

using Clock = std::chrono::steady_clock;

// The hash API over a session that somebody else keeps.
class BorrowedHashes : public Hashes {
 public:
  explicit BorrowedHashes(Session& session)
      : Hashes(std::shared_ptr<Session>(std::shared_ptr<void>(), &session)) {}
};

}  // namespace

DatabaseSaver::DatabaseSaver(Session& session, std::vector<DatabasePlan> plans)
    : session_(session), plans_(std::move(plans)) {
  const auto hasInterval = [](const DatabasePlan& plan) { return plan.saveInterval.count() > 0; };
  if (std::any_of(plans_.begin(), plans_.end(), hasInterval))
    thread_ = quietThread([this] { run(); });
}

DatabaseSaver::~DatabaseSaver() {
  {
    std::lock_guard lock(mutex_);
    isStopping_ = true;
  }
  isOver_.notify_all();
  if (thread_.joinable()) thread_.join();
  for (const DatabasePlan& plan : plans_) save(plan);
}

std::string DatabaseSaver::problem() const {
  std::lock_guard lock(mutex_);
  return problem_;
}

void DatabaseSaver::run() {
  std::vector<Clock::time_point> due;
  for (const DatabasePlan& plan : plans_) due.push_back(Clock::now() + plan.saveInterval);
  std::unique_lock lock(mutex_);
  while (!isStopping_) {
    auto next = Clock::time_point::max();
    for (std::size_t i = 0; i < plans_.size(); ++i)
      if (plans_[i].saveInterval.count() > 0) next = std::min(next, due[i]);
    if (isOver_.wait_until(lock, next, [this] { return isStopping_; })) return;
    lock.unlock();
    for (std::size_t i = 0; i < plans_.size(); ++i) {
      if (plans_[i].saveInterval.count() == 0 || due[i] > Clock::now()) continue;
      save(plans_[i]);
      due[i] = Clock::now() + plans_[i].saveInterval;
    }
    lock.lock();
  }
}

// A hash that is not there has nothing to save, and its table stays as it is.
void DatabaseSaver::save(const DatabasePlan& plan) {
  std::string problem;
  try {
    BorrowedHashes(session_).hashStore(plan.hash, plan.table);
  } catch (const Error& error) {
    if (error.code() != Code::NoSuchKey) problem = plan.hash + ": " + error.what();
  } catch (const std::exception& error) {
    problem = plan.hash + ": " + error.what();
  }
  std::lock_guard lock(mutex_);
  problem_ = std::move(problem);
}

}  // namespace hexpage
