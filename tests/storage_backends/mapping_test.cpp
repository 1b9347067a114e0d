#include "support/mapping.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <hexpage/testing/contract/temp_dir.hpp>
#include <thread>

#include "support/fd.hpp"
#include "support/quiet_thread.hpp"

namespace hexpage {
namespace {

class MappingTest : public ::testing::Test {
 protected:
  static constexpr std::size_t kBytes = 4096;

  MappingTest() { EXPECT_EQ(::ftruncate(fd_.get(), kBytes), 0); }

  testing::TempDir dir_;
  const std::string file_ = dir_.string() + "/file";
  const Fd fd_{::open(file_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)};
};

TEST_F(MappingTest, WhatIsWrittenIsInTheFile) {
  const Mapping mapping(fd_.get(), kBytes, true, file_);
  mapping.data()[7] = 'x';
  EXPECT_FALSE(mapping.failed());
  char found = 0;
  EXPECT_EQ(::pread(fd_.get(), &found, 1, 7), 1);
  EXPECT_EQ(found, 'x');
}

TEST_F(MappingTest, APageThatIsGoneIsToldAndNoSignal) {
  const Mapping mapping(fd_.get(), kBytes, true, file_);
  EXPECT_EQ(::ftruncate(fd_.get(), 0), 0);
  EXPECT_EQ(static_cast<const volatile char*>(mapping.data())[0], 0);
  EXPECT_TRUE(mapping.failed());
}

// The threads of the library had all signals blocked: SIGBUS in one of them, which flushes or
// writes a large transaction, ended the process.
TEST_F(MappingTest, APageThatIsGoneIsToldToTheLibrarysThreadsToo) {
  const Mapping mapping(fd_.get(), kBytes, true, file_);
  EXPECT_EQ(::ftruncate(fd_.get(), 0), 0);
  quietThread([&] { mapping.data()[0] = 'x'; }).join();
  EXPECT_TRUE(mapping.failed());
}

}  // namespace
}  // namespace hexpage
