#include "support/helping_thread.hpp"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <system_error>
#include <utility>

#include "support/quiet_thread.hpp"

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

struct HelpingThread::Offer {
  std::mutex mutex;
  std::condition_variable changed;
  std::shared_ptr<Job> job;
  std::atomic<bool> isThere{false};  // the job; for a look without the mutex
  bool isEnding = false;

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

HelpingThread::HelpingThread() : offer_(std::make_unique<Offer>()) {}

HelpingThread::~HelpingThread() {
  if (forked_.isChild()) {
    // The thread is the parent's, and a condition that it waits on can not be destroyed.
    static_cast<void>(thread_.release());
    static_cast<void>(offer_.release());
    return;
  }
  if (!thread_) return;
  {
    const std::lock_guard lock(offer_->mutex);
    offer_->isEnding = true;
  }
  offer_->changed.notify_one();
  thread_->join();
}

void HelpingThread::share(std::size_t count, const Work& work) {
  static const bool hasTwo = std::thread::hardware_concurrency() != 1;
  const auto job = std::make_shared<Job>(work, count);
  if (hasTwo && count > 1) offer(job);
  job->run();
  for (std::size_t done; (done = job->done) < count;) job->done.wait(done);
}

void HelpingThread::offer(const std::shared_ptr<Job>& job) {
  const std::lock_guard lock(offer_->mutex);
  try {
    if (!thread_)
      thread_ =
          std::make_unique<std::thread>(quietThread([offer = offer_.get()] { offer->serve(); }));
  } catch (const std::system_error&) {  // too many threads
    return;
  }
  offer_->job = job;
  offer_->isThere = true;
  offer_->changed.notify_one();
}

}  // namespace hexpage
