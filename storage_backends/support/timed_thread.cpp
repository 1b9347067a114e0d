#include "support/timed_thread.hpp"

#include <mutex>
#include <utility>

namespace hexpage {

struct TimedThread::State : ServedState {
  State(Clock::time_point first, Work what) : due(first), work(std::move(what)) {}

  Clock::time_point due;
  const Work work;

  void serve() {
    std::unique_lock lock(mutex);
    while (!endsBefore(lock, due)) {
      lock.unlock();
      due = work();
      lock.lock();
    }
  }

  bool endsBefore(std::unique_lock<std::mutex>& lock, Clock::time_point time) {
    return changed.wait_until(lock, time, [this] { return isEnding; });
  }
};

TimedThread::TimedThread(Clock::time_point first, Work work) : thread_(first, std::move(work)) {
  thread_.start();
}

TimedThread::~TimedThread() = default;

bool TimedThread::rest(Millis time) const {
  std::unique_lock lock(thread_->mutex);
  return !thread_->endsBefore(lock, Clock::now() + time);
}

bool TimedThread::isEnding() const {
  const std::lock_guard lock(thread_->mutex);
  return thread_->isEnding;
}

}  // namespace hexpage
