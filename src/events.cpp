#include "events.hpp"

#include <unistd.h>

#include <algorithm>
#include <exception>
#include <new>

#include "support/quiet_thread.hpp"

namespace hexpage {

// `calling` is held while the handler runs, so that whoever cancels waits for it; its own thread
// does not.
class Subscriber {
 public:
  Subscriber(Events::Wants wants, Events::Handler handler, std::shared_ptr<std::atomic<int>> living)
      : wants_(std::move(wants)), handler_(std::move(handler)), living_(std::move(living)) {
    ++*living_;
  }

  bool wants(std::string_view path) const { return !isCancelled_ && wants_(path); }
  bool wants(const ChangeEvent& event) const {
    return wants(event.path) || (!event.from.empty() && wants(event.from));
  }
  bool isCancelled() const { return isCancelled_; }

  void call(const ChangeEvent& event) {
    std::lock_guard calling(calling_);
    if (wants(event)) handler_(event);
  }

  void cancel() {
    if (!isCancelled_.exchange(true)) --*living_;
    std::lock_guard calling(calling_);
  }

 private:
  const Events::Wants wants_;
  const Events::Handler handler_;
  const std::shared_ptr<std::atomic<int>> living_;
  std::recursive_mutex calling_;
  std::atomic<bool> isCancelled_{false};
};

Subscription& Subscription::operator=(Subscription&& other) noexcept {
  if (this == &other) return *this;
  cancel();
  subscriber_ = std::move(other.subscriber_);
  return *this;
}

void Subscription::cancel() noexcept {
  if (subscriber_) subscriber_->cancel();
  subscriber_.reset();
}

std::string_view name(ChangeKind kind) noexcept {
  switch (kind) {
    case ChangeKind::Create:
      return "create";
    case ChangeKind::Put:
      return "put";
    case ChangeKind::Delete:
      return "delete";
    case ChangeKind::Expire:
      return "expire";
    case ChangeKind::Clear:
      return "clear";
    case ChangeKind::Drop:
      return "drop";
    case ChangeKind::Rename:
      return "rename";
    case ChangeKind::Replace:
      return "replace";
    case ChangeKind::PutRecord:
      return "put_record";
    case ChangeKind::EraseRecord:
      return "erase_record";
    case ChangeKind::Missed:
      return "missed";
  }
  return "";
}

void Events::finish() noexcept {
  if (!thread_.joinable()) return;
  if (process_ != ::getpid()) {  // a fork has no such thread, and nothing to tell
    static_cast<void>(new std::thread(std::move(thread_)));
    return;
  }
  {
    std::lock_guard guard(mutex_);
    isFinished_ = true;
  }
  isDue_.notify_all();
  thread_.join();
  isOver_ = true;
}

Subscription Events::subscribe(Wants wants, Handler handler) {
  std::lock_guard guard(mutex_);
  auto all = std::make_shared<Subscribers>(*subscribers_);
  std::erase_if(*all, [](const auto& other) { return other->isCancelled(); });
  auto subscriber = std::make_shared<Subscriber>(std::move(wants), std::move(handler), living_);
  all->push_back(subscriber);
  subscribers_ = std::move(all);
  if (!thread_.joinable()) {
    process_ = ::getpid();
    thread_ = quietThread([this] { run(); });
  }
  return Subscription(std::move(subscriber));
}

bool Events::isWanted(std::string_view path) {
  std::shared_ptr<const Subscribers> subscribers;
  {
    std::lock_guard guard(mutex_);
    subscribers = subscribers_;
  }
  return std::any_of(subscribers->begin(), subscribers->end(),
                     [&](const auto& subscriber) { return subscriber->wants(path); });
}

Events::Ready Events::ready(std::vector<ChangeEvent> events) {
  Ready ready;
  if (!events.empty()) ready.batches_.push_back({std::move(events), nullptr});
  return ready;
}

void Events::publish(Ready ready) noexcept {
  if (ready.batches_.empty()) return;
  {
    std::lock_guard guard(mutex_);
    ready.batches_.front().subscribers = subscribers_;
    queue_.splice(queue_.end(), ready.batches_);
  }
  isDue_.notify_one();
}

std::string Events::problem() const {
  std::lock_guard guard(mutex_);
  return problem_;
}

void Events::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    isDue_.wait(lock, [this] { return isFinished_ || !queue_.empty(); });
    if (queue_.empty()) return;
    Queue next;
    next.splice(next.end(), queue_, queue_.begin());
    lock.unlock();
    tell(next.front());
    next.clear();
    lock.lock();
  }
}

void Events::tell(const Batch& batch) {
  for (const ChangeEvent& event : batch.events)
    for (const auto& subscriber : *batch.subscribers) {
      try {
        subscriber->call(event);
      } catch (const std::exception& e) {
        noteProblem(event.path, e.what());
      } catch (...) {
        noteProblem(event.path, "something that is no std::exception");
      }
    }
}

// Where there is no memory to say it whole, it says that.
void Events::noteProblem(const std::string& path, const char* problem) noexcept {
  std::lock_guard guard(mutex_);
  try {
    problem_ = path + ": " + problem;
  } catch (const std::bad_alloc&) {
    problem_ = "no memory";  // which needs none
  }
}

}  // namespace hexpage
