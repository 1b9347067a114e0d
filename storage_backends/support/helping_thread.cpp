#include "support/helping_thread.hpp"

#include <atomic>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

namespace hexpage {
namespace {

constexpr int kYields = 100;  // some 50 us on a machine where nobody else wants to run

}

// Outlives the call that made it when the thread comes late; then nothing is left to be done, and
// the work is not touched.
struct HelpingThread::Job {
  Job(const Work& all, std::size_t pieces) : work(all), count(pieces) {}

  const Work& work;
  const std::size_t count;
  std::atomic<std::size_t> next{0};
  std::atomic<std::size_t> done{0};

  void run() {
    for (std::size_t i; (i = next.fetch_add(1)) < count;) {
      work(i);
      if (done.fetch_add(1) + 1 == count) done.notify_one();
    }
  }
};

struct HelpingThread::Offer : ServedState {
  std::shared_ptr<Job> job;
  std::atomic<bool> isThere{false};  // the job; for a look without the mutex

  void serve() {
    std::unique_lock lock(mutex);
    for (;;) {
      changed.wait(lock, [this] { return isEnding || isThere; });
      if (isEnding) return;
      isThere = false;
      const auto taken = std::exchange(job, nullptr);
      lock.unlock();
      taken->run();
      awaitMore();
      lock.lock();
    }
  }

 private:
  // To wake up takes longer than what a loop does until its next work.
  void awaitMore() const {
    for (int i = 0; i < kYields && !isThere.load(std::memory_order_relaxed); ++i)
      std::this_thread::yield();
  }
};

HelpingThread::HelpingThread() = default;
HelpingThread::~HelpingThread() = default;

void HelpingThread::share(std::size_t count, const Work& work) {
  static const bool hasTwo = std::thread::hardware_concurrency() != 1;
  const auto job = std::make_shared<Job>(work, count);
  if (hasTwo && count > 1) offer(job);
  job->run();
  for (std::size_t done; (done = job->done) < count;) job->done.wait(done);
}

void HelpingThread::offer(const std::shared_ptr<Job>& job) {
  const std::lock_guard lock(thread_->mutex);
  try {
    thread_.start();
  } catch (const std::system_error&) {  // too many threads
    return;
  }
  thread_->job = job;
  thread_->isThere = true;
  thread_->changed.notify_one();
}

}  // namespace hexpage
