#include "support/timed_thread.hpp"

#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <optional>
#include <vector>

#include "tests/support/process.hpp"

namespace hexpage {
namespace {

using Clock = TimedThread::Clock;

constexpr auto kNever = Clock::time_point::max();

TEST(TimedThread, ThreadsWorkWhenTheySaidThatTheyWould) {
  std::promise<void> isDone;
  std::vector<Clock::time_point> due{Clock::now() + Millis(5)};
  TimedThread thread(due.front(), [&] {
    EXPECT_GE(Clock::now(), due.back());
    if (due.size() == 3) {
      isDone.set_value();
      return kNever;
    }
    due.push_back(Clock::now() + Millis(5));
    return due.back();
  });
  isDone.get_future().wait();
}

TEST(TimedThread, ThreadsEndBeforeTheirTime) {
  bool hasWorked = false;
  {
    TimedThread thread(Clock::now() + std::chrono::hours(1), [&] {
      hasWorked = true;
      return kNever;
    });
    EXPECT_FALSE(thread.isEnding());
  }
  EXPECT_FALSE(hasWorked);
}

TEST(TimedThread, ThreadsEndInsideOfLongWork) {
  std::promise<void> hasBegun;
  std::promise<TimedThread*> made;
  bool goesOn = true;
  std::optional<TimedThread> thread;
  thread.emplace(Clock::now(), [&] {
    const TimedThread& self = *made.get_future().get();
    EXPECT_TRUE(self.rest(Millis(1)));
    hasBegun.set_value();
    goesOn = self.rest(Millis(3'600'000));
    EXPECT_TRUE(self.isEnding());
    return Clock::now();
  });
  made.set_value(&*thread);
  hasBegun.get_future().wait();
  thread.reset();
  EXPECT_FALSE(goesOn);
}

TEST(TimedThread, AForkedChildHasNoneToWaitFor) {
  auto thread =
      std::make_unique<TimedThread>(Clock::now() + std::chrono::hours(1), [] { return kNever; });
  testing::Process([&](const testing::Line&) { thread.reset(); }).expectSuccess();
}

}  // namespace
}  // namespace hexpage
