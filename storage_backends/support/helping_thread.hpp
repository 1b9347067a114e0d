// A thread that takes a share of work which is many small pieces, if it gets to it in time: nobody
// waits for it to wake up, so that on a busy machine the caller does the work alone.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>

#include "support/serving_thread.hpp"

namespace hexpage {

class HelpingThread {
 public:
  // The thread starts with the first work.
  HelpingThread();
  ~HelpingThread();

  using Work = std::function<void(std::size_t)>;
  // Calls work(i) once for each i below `count`, in any order, here and on the other thread; it
  // must not throw. Safe between threads: of those that call at once one is helped.
  void share(std::size_t count, const Work& work);

 private:
  struct Job;
  struct Offer;

  void offer(const std::shared_ptr<Job>& job);

  ServingThread<Offer> thread_;
};

}  // namespace hexpage
