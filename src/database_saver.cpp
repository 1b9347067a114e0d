#include "database_saver.hpp"

#include <algorithm>
#include <exception>
#include <hexpage/error.hpp>
#include <hexpage/hashes.hpp>

#include "session.hpp"

namespace hexpage {
namespace {

using Clock = TimedThread::Clock;

// The hash API over a session that somebody else keeps.
class BorrowedHashes : public Hashes {
 public:
  explicit BorrowedHashes(Session& session)
      : Hashes(std::shared_ptr<Session>(std::shared_ptr<void>(), &session)) {}
};

Clock::time_point nextTime(const DatabasePlan& plan) {
  return plan.saveInterval.count() > 0 ? Clock::now() + plan.saveInterval
                                       : Clock::time_point::max();
}

}  // namespace

DatabaseSaver::DatabaseSaver(Session& session, std::vector<DatabasePlan> plans)
    : session_(session), plans_(std::move(plans)) {
  for (const DatabasePlan& plan : plans_) due_.push_back(nextTime(plan));
  const auto first = std::min_element(due_.begin(), due_.end());
  if (first == due_.end() || *first == Clock::time_point::max()) return;
  thread_.emplace(*first, [this] { return saveWhatIsDue(); });
}

DatabaseSaver::~DatabaseSaver() {
  thread_.reset();
  if (forked_.isChild()) return;
  for (const DatabasePlan& plan : plans_) save(plan);
}

std::string DatabaseSaver::problem() const {
  std::lock_guard lock(mutex_);
  return problem_;
}

Clock::time_point DatabaseSaver::saveWhatIsDue() {
  for (std::size_t i = 0; i < plans_.size(); ++i) {
    if (due_[i] > Clock::now()) continue;
    save(plans_[i]);
    due_[i] = nextTime(plans_[i]);
  }
  return *std::min_element(due_.begin(), due_.end());
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
