// A thread that works when its time has come, until its owner ends it.
#pragma once

#include <chrono>
#include <functional>
#include <hexpage/types.hpp>

#include "support/serving_thread.hpp"

namespace hexpage {

class TimedThread {
 public:
  using Clock = std::chrono::steady_clock;
  // Does what is due, and says when it is to be called again. It must not throw.
  using Work = std::function<Clock::time_point()>;

  // Throws std::system_error when there is no thread to be had.
  TimedThread(Clock::time_point first, Work work);
  // Waits for the work that is being done. In a forked child, where the thread is not, for nothing.
  ~TimedThread();

  // For the work itself, when it takes long: waits so long, or until the thread is to end, and is
  // false then.
  bool rest(Millis time) const;
  bool isEnding() const;

 private:
  struct State;

  ServingThread<State> thread_;
};

}  // namespace hexpage
