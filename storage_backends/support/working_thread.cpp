#include "support/working_thread.hpp"

#include <exception>
#include <mutex>
#include <system_error>
#include <utility>

namespace hexpage {

struct WorkingThread::State : ServedState {
  std::function<void()> work;  // there is some as long as it is being done
  std::exception_ptr failure;

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

WorkingThread::WorkingThread() = default;
WorkingThread::~WorkingThread() = default;

void WorkingThread::begin(std::function<void()> work) {
  finish();
  try {
    thread_.start();
  } catch (const std::system_error&) {  // too many threads
    return work();
  }
  {
    const std::lock_guard lock(thread_->mutex);
    thread_->work = std::move(work);
  }
  thread_->changed.notify_all();
}

void WorkingThread::finish() {
  if (!thread_.isStarted()) return;
  std::unique_lock lock(thread_->mutex);
  thread_->changed.wait(lock, [this] { return !thread_->work; });
  if (const std::exception_ptr failure = std::exchange(thread_->failure, nullptr))
    std::rethrow_exception(failure);
}

}  // namespace hexpage
