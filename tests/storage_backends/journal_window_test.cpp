// Appends by way of mapped memory: that they take no system call, and what becomes of a frame when
// the memory is not to be had.
#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <hexpage/testing/contract/temp_dir.hpp>
#include <thread>

#include "filesystem/journal.hpp"
#include "tests/support/failing_calls.hpp"

namespace hexpage {
namespace {

using Strings = std::vector<std::string>;

class JournalWindowTest : public ::testing::Test {
 protected:
  std::unique_ptr<Journal> open() {
    auto journal =
        std::make_unique<Journal>(directory_.get(), "journal", 7, JournalAccess::WriteMapped);
    journal->scan([](const Journal::Frame&) {});
    return journal;
  }

  Strings bodies() {
    Strings found;
    Journal(directory_.get(), "journal", 7, JournalAccess::Read)
        .scan([&](const Journal::Frame& frame) { found.emplace_back(frame.body); });
    return found;
  }

  static void append(Journal& journal, const Strings& frames) {
    for (const std::string& body : frames) journal.append(Journal::Kind::Batch, body);
  }

  testing::TempDir dir_;
  Fd directory_{::open(dir_.string().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  const std::string file_ = dir_.string() + "/journal";
};

TEST_F(JournalWindowTest, AShortAppendTakesNoCall) {
  const auto journal = open();
  append(*journal, {"first"});  // has the window made
  testing::whereFails(SYS_pwritev, EIO, [&] {
    testing::whereFails(SYS_madvise, EIO, [&] {
      append(*journal, {"a", std::string(30'000, 'b')});
    });
  });
  EXPECT_EQ(bodies(), (Strings{"first", "a", std::string(30'000, 'b')}));
}

TEST_F(JournalWindowTest, ALongOneIsWrittenBetweenShortOnes) {
  const auto journal = open();
  const std::string large(100'000, 'x');
  append(*journal, {"a", large, "b", large, large, "c"});
  EXPECT_EQ(bodies(), (Strings{"a", large, "b", large, large, "c"}));
}

TEST_F(JournalWindowTest, GoesOnBehindTheWindow) {
  const auto journal = open();
  const Strings frames(700, std::string(16'000, 'x'));  // 11 MiB
  append(*journal, frames);
  EXPECT_EQ(bodies(), frames);
}

class JournalWithoutMemory : public JournalWindowTest,
                             public ::testing::WithParamInterface<std::pair<int, int>> {};

INSTANTIATE_TEST_SUITE_P(Calls, JournalWithoutMemory,
                         ::testing::Values(std::pair(SYS_mmap, ENOMEM),
                                           std::pair(SYS_madvise, EFAULT),
                                           std::pair(SYS_madvise, EINVAL)));

TEST_P(JournalWithoutMemory, Appends) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  if (GetParam().first == SYS_mmap) GTEST_SKIP() << "the sanitizer needs the call itself";
#endif
  const auto journal = open();
  std::thread([&] {
    const std::string own(1000, ' ');  // the thread has its heap, which may need the call, too
    testing::failCalls(GetParam().first, GetParam().second);
    append(*journal, {"a", "b"});
  }).join();
  append(*journal, {"c"});
  EXPECT_EQ(bodies(), (Strings{"a", "b", "c"}));
}

TEST_F(JournalWindowTest, APageThatCanNotBeWrittenIsWrittenByACall) {
  const auto journal = open();
  append(*journal, {"a"});
  const std::uint64_t end = kFramesOffset + journal->size();
  ASSERT_EQ(::truncate(file_.c_str(), static_cast<off_t>(end)), 0);
  append(*journal, {std::string(20'000, 'b'), "c"});  // beyond the end of the file: SIGBUS
  EXPECT_EQ(bodies(), (Strings{"a", std::string(20'000, 'b'), "c"}));
}

}  // namespace
}  // namespace hexpage
