#include "support/helping_thread.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace hexpage {
namespace {

void expectEachOnce(HelpingThread& helper, std::size_t count) {
  std::vector<std::atomic<int>> calls(count);
  helper.share(count, [&](std::size_t i) { ++calls[i]; });
  for (std::size_t i = 0; i < count; ++i) EXPECT_EQ(calls[i], 1) << i << " of " << count;
}

TEST(HelpingThread, ThreadsDoEachPieceOnce) {
  HelpingThread helper;
  for (std::size_t count = 0; count < 300; ++count) expectEachOnce(helper, count);
}

TEST(HelpingThread, ThreadsMayShareAtOnce) {
  HelpingThread helper;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int round = 0; round < 50; ++round) expectEachOnce(helper, 20);
    });
  for (std::thread& thread : threads) thread.join();
}

// Else a loop over a store would take as long as one thread does.
TEST(HelpingThread, ThreadsWorkSideBySide) {
  if (std::thread::hardware_concurrency() == 1) GTEST_SKIP() << "one CPU needs no helper";
  HelpingThread helper;
  std::atomic<int> here{0};
  helper.share(2, [&](std::size_t) {
    ++here;
    here.notify_all();
    for (int seen; (seen = here) < 2;) here.wait(seen);
  });
  EXPECT_EQ(here, 2);
}

}  // namespace
}  // namespace hexpage
