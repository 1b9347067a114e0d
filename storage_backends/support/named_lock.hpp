// One lock among the threads of a process: who holds it and who waits, under a mutex of its
// owner's.
//
// Who waits is let in first come, first served, readers together. But until the first of them has
// waited for a moment as the first, who comes while the lock is free goes in before: most hold it
// for less time than it takes to wake one who sleeps, and to hand it over each time would make all
// of them wait for that. A release wakes the first alone.
#pragma once

#include <condition_variable>
#include <hexpage/backend.hpp>
#include <list>

namespace hexpage {

// One who holds a lock or waits for it.
struct Turn {
  Turn(LockMode mode_, LockOwner owner_, Millis since_)
      : mode(mode_), owner(owner_), since(since_) {}

  LockMode mode;
  LockOwner owner;
  Millis since;
  std::condition_variable wake;
};

class NamedLock {
 public:
  using Turns = std::list<Turn>;
  // By a clock that need not tell less than some milliseconds apart, as all times here.
  static constexpr Millis kPatience{1};

  const Turns& holders() const { return holders_; }
  const Turns& queue() const { return queue_; }
  bool isIdle() const { return holders_.empty() && queue_.empty(); }

  // Whether one who comes now need not wait.
  bool isOpenTo(LockMode mode, Millis now) const {
    return admits(mode) && (queue_.empty() || now - firstSince_ < kPatience);
  }
  // Takes the turn out of its list.
  void hold(Turns& turn) { holders_.splice(holders_.end(), turn); }
  void free(Turns::iterator holder) { holders_.erase(holder); }

  // Takes the turn, which then is the last that waits, out of its list.
  void join(Turns& turn, Millis now) {
    if (queue_.empty()) firstSince_ = now;
    queue_.splice(queue_.end(), turn);
  }
  // Whether the one at this place need not wait any longer; then leave() follows.
  bool isTurnOf(Turns::iterator place) {
    if (place != queue_.begin()) return false;
    isFirstAwake_ = false;
    return admits(place->mode);
  }
  // Nobody need wake the one at this place until it has looked; false unless it is the first.
  bool staysAwake(Turns::iterator place) {
    if (place != queue_.begin()) return false;
    isFirstAwake_ = true;
    return true;
  }
  // Puts the turn that waited at this place into the empty list.
  void leave(Turns::iterator place, Turns& turn, Millis now) {
    if (place == queue_.begin()) {
      isFirstAwake_ = false;
      firstSince_ = now;
    }
    turn.splice(turn.end(), queue_, place);
  }
  // Wakes the first if it may come in and does not know it.
  void wakeFirst() {
    if (queue_.empty() || isFirstAwake_ || !admits(queue_.front().mode)) return;
    isFirstAwake_ = true;
    queue_.front().wake.notify_one();
  }

 private:
  bool admits(LockMode mode) const {
    return holders_.empty() ||
           (mode == LockMode::Shared && holders_.front().mode == LockMode::Shared);
  }

  Turns holders_;
  Turns queue_;
  Millis firstSince_{0};       // since when the first of the queue is the first
  bool isFirstAwake_ = false;  // it was woken, or does not sleep, and has not looked since
};

}  // namespace hexpage
