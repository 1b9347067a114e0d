#include "support/working_thread.hpp"

#include <gtest/gtest.h>

#include <future>
#include <stdexcept>
#include <vector>

namespace hexpage {
namespace {

TEST(WorkingThread, ThreadsDoOnePieceAfterTheOther) {
  WorkingThread thread;
  std::vector<int> done;
  for (int i = 0; i < 100; ++i) thread.begin([&done, i] { done.push_back(i); });
  thread.finish();
  ASSERT_EQ(done.size(), 100u);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(done[static_cast<std::size_t>(i)], i);
}

TEST(WorkingThread, ThreadsWorkSideBySide) {
  WorkingThread thread;
  std::promise<void> goOn;
  thread.begin([&] { goOn.get_future().wait(); });
  goOn.set_value();  // else it would never end
  thread.finish();
}

TEST(WorkingThread, ThreadsTellOfAFailureOnce) {
  WorkingThread thread;
  thread.begin([] { throw std::runtime_error("failed"); });
  bool isDone = false;
  EXPECT_THROW(thread.begin([&] { isDone = true; }), std::runtime_error);
  thread.finish();
  EXPECT_FALSE(isDone);
}

TEST(WorkingThread, ThreadsEndWithWhatTheyDo) {
  bool isDone = false;
  {
    WorkingThread thread;
    thread.begin([&] { isDone = true; });
  }
  EXPECT_TRUE(isDone);
}

}  // namespace
}  // namespace hexpage
