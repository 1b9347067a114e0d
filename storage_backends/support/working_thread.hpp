// A thread that does one piece of work at a time while its owner goes on. For one owner at a time.
#pragma once

#include <functional>

#include "support/serving_thread.hpp"

namespace hexpage {

class WorkingThread {
 public:
  // The thread starts with the first work.
  WorkingThread();
  // Waits for what is being done.
  ~WorkingThread();

  // Waits for the work before, and throws what that threw instead.
  void begin(std::function<void()> work);
  // Waits until nothing is being done. Throws what the work threw, once.
  void finish();

 private:
  struct State;

  ServingThread<State> thread_;
};

}  // namespace hexpage
