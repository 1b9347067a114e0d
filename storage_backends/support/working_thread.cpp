#include "support/working_thread.hpp"

#include <condition_variable>
#include <exception>
#include <mutex>
#include <system_error>
#include <utility>

#include "support/quiet_thread.hpp"

namespace hexpage {

struct WorkingThread::State {
  std::mutex mutex;
  std::condition_variable changed;
  std::function<void()> work;  // there is some as long as it is being done
  std::exception_ptr failure;
  bool isEnding = false;

  void serve() {
    std::unique_lock lock(mutex);
    for (;;) {
      changed.wait(lock, [this] { return isEnding || work; });
      if (!work) return;
      lock.unlock();
      std::exception_ptr thrown;
      try {
        work();
      } catch (...) {
        thrown = std::current_exception();
      }
      lock.lock();
      failure = std::move(thrown);
      work = nullptr;
      changed.notify_all();
    }
  }
};

WorkingThread::WorkingThread() : state_(std::make_unique<State>()) {}

WorkingThread::~WorkingThread() {
  if (forked_.isChild()) {
    // The thread is the parent's, and a condition that it waits on can not be destroyed.
    static_cast<void>(thread_.release());
    static_cast<void>(state_.release());
    return;
  }
  if (!thread_) return;
  {
    const std::lock_guard lock(state_->mutex);
    state_->isEnding = true;
  }
  state_->changed.notify_all();
  thread_->join();
}

void WorkingThread::begin(std::function<void()> work) {
  finish();
  try {
    if (!thread_)
      thread_ =
          std::make_unique<std::thread>(quietThread([state = state_.get()] { state->serve(); }));
  } catch (const std::system_error&) {  // too many threads
    return work();
  }
  {
    const std::lock_guard lock(state_->mutex);
    state_->work = std::move(work);
  }
  state_->changed.notify_all();
}

void WorkingThread::finish() {
  if (!thread_) return;
  std::unique_lock lock(state_->mutex);
  state_->changed.wait(lock, [this] { return !state_->work; });
  if (const std::exception_ptr failure = std::exchange(state_->failure, nullptr))
    std::rethrow_exception(failure);
}

}  // namespace hexpage
