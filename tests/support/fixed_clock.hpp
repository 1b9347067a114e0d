// A clock that stands until a test sets it.
#pragma once

#include <atomic>
#include <hexpage/clock.hpp>
#include <memory>

namespace hexpage::testing {

class FixedClock {
 public:
  static constexpr Expires kStart = 1'700'000'000'000;

  operator WallClock() const {
    return [now = now_] { return now->load(); };
  }
  Expires now() const { return *now_; }
  void advance(Millis by) { *now_ += by.count(); }

 private:
  std::shared_ptr<std::atomic<Expires>> now_ = std::make_shared<std::atomic<Expires>>(kStart);
};

}  // namespace hexpage::testing
