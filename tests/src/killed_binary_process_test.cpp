// A process that is killed after it has committed to the log of a binary store, and before it has
// told the others how far the log goes.
#include <fcntl.h>
#include <unistd.h>

#include "support/fd.hpp"
#include "tests/support/process.hpp"
#include "tests/support/stores.hpp"

namespace hexpage::testing {
namespace {

class KilledBinaryProcess : public ::testing::Test {
 protected:
  // How far the log goes, where all processes read it.
  std::uint64_t published() {
    std::uint64_t end = 0;
    EXPECT_EQ(::pread(page_.get(), &end, sizeof end, kPublishedAt), ssize_t{sizeof end});
    return end;
  }
  void publish(std::uint64_t end) {
    EXPECT_EQ(::pwrite(page_.get(), &end, sizeof end, kPublishedAt), ssize_t{sizeof end});
  }

  static constexpr off_t kPublishedAt = 8;  // SharedPage::committed
  TestStore store_{binaryStore()};
  Fd page_{::open((store_.dir() / "lock").c_str(), O_RDWR | O_CLOEXEC)};
};

// The next writer read a counter, found the other's count in the log when it wrote, and wrote over
// it.
TEST_F(KilledBinaryProcess, WhoGetsItsLockSeesWhatItCommitted) {
  store_->hashIncrement("h", "n");
  const std::uint64_t before = published();
  Process writer([&](const Line& line) {
    Storage storage = Storage::open(binaryStore().config(store_.dir().string()));
    storage.hashIncrement("h", "n");
    line.say("done");
    line.hear();
  });
  writer.hear();
  writer.kill(SIGKILL);
  writer.waitForEnd();
  publish(before);
  EXPECT_EQ(store_->hashIncrement("h", "n"), 3);
}

}  // namespace
}  // namespace hexpage::testing
