// A thread of the library's own and what it shares with its owner: how it begins, how it ends, and
// what becomes of it in a forked child.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

#include "support/fork_watch.hpp"
#include "support/quiet_thread.hpp"

namespace hexpage {

// What is shared, at the least. Under `mutex`; who changes anything tells by `changed`.
struct ServedState {
  std::mutex mutex;
  std::condition_variable changed;
  bool isEnding = false;
};

// `State` is a ServedState with serve(), which is the thread, and returns soon after isEnding.
template <class State>
class ServingThread {
 public:
  template <class... Args>
  explicit ServingThread(Args&&... args)
      : state_(std::make_unique<State>(std::forward<Args>(args)...)) {}
  // Waits until the thread has ended.
  ~ServingThread();
  ServingThread(const ServingThread&) = delete;
  ServingThread& operator=(const ServingThread&) = delete;

  // Does nothing when it runs already. Throws std::system_error when there is no thread to be had.
  void start() {
    if (!thread_)
      thread_ = std::make_unique<std::thread>(quietThread([s = state_.get()] { s->serve(); }));
  }
  bool isStarted() const { return thread_ != nullptr; }

  State* operator->() const { return state_.get(); }

 private:
  ForkWatch forked_{[] {}};
  std::unique_ptr<State> state_;
  std::unique_ptr<std::thread> thread_;
};

template <class State>
ServingThread<State>::~ServingThread() {
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

}  // namespace hexpage
