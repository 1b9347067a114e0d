// Hands what has happened to those who asked to be told: one thread, no lock held, in the order in
// which it was published.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <hexpage/change_event.hpp>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace hexpage {

class Events {
 public:
  using Wants = std::function<bool(std::string_view path)>;
  using Handler = std::function<void(const ChangeEvent&)>;

  Events() = default;
  Events(const Events&) = delete;
  Events& operator=(const Events&) = delete;
  ~Events() { finish(); }

  // From now on; not what is published already. Thread-safe, as all that follows.
  Subscription subscribe(Wants wants, Handler handler);

  // Whether somebody is told of anything; what nobody is told of need not be found out.
  bool isAnybodyThere() const {
    return living_->load(std::memory_order_acquire) > 0 && !isOver_.load(std::memory_order_relaxed);
  }
  // Whether somebody is to be told of changes at the path.
  bool isWanted(std::string_view path);
  // What is to be published, made ready before it has happened.
  class Ready;
  static Ready ready(std::vector<ChangeEvent> events);
  // Never calls a handler itself and waits for none.
  void publish(Ready ready) noexcept;

  // Tells what was published, also by the handlers meanwhile; nothing that comes later. Not for
  // handlers to call.
  void finish() noexcept;

  // What the last handler that threw has thrown; "" when none did.
  std::string problem() const;

 private:
  using Subscribers = std::vector<std::shared_ptr<Subscriber>>;
  struct Batch {
    std::vector<ChangeEvent> events;
    std::shared_ptr<const Subscribers> subscribers;  // as they were then
  };

  using Queue = std::list<Batch>;

  void run();
  void tell(const Batch& batch);
  void noteProblem(const std::string& path, const char* problem) noexcept;

  mutable std::mutex mutex_;
  std::condition_variable isDue_;
  std::shared_ptr<const Subscribers> subscribers_ = std::make_shared<const Subscribers>();
  // How many subscriptions there are; they may outlive this.
  std::shared_ptr<std::atomic<int>> living_ = std::make_shared<std::atomic<int>>(0);
  std::atomic<bool> isOver_{false};
  Queue queue_;
  bool isFinished_ = false;
  std::string problem_;
  std::thread thread_;
  int process_ = 0;  // that thread_ runs in
};

class Events::Ready {
 private:
  friend class Events;
  Queue batches_;  // one, or none where nothing is to be told
};

}  // namespace hexpage
