// What a process that is alone with a store asks of the system: nothing to read, and to write no
// more than what a whole journal's step takes now and then.
#include <gtest/gtest.h>
#include <unistd.h>

#include <hexpage/hexpage.hpp>
#include <hexpage/testing/contract/temp_dir.hpp>

#include "tests/support/stores.hpp"
#include "tests/torture/child.hpp"
#include "tests/torture/tracer.hpp"

namespace hexpage::torture {
namespace {

constexpr int kTimes = 1000;
constexpr int kKeys = 100;

class SystemCalls : public ::testing::TestWithParam<testing::StoreKind> {
 protected:
  // Of the calling thread, while `work` goes on in a store with a hash of some items. Locks that
  // threads wait for are not counted: nobody waits.
  std::size_t during(const std::function<void(Storage& storage)>& work) const {
    Json config = GetParam().config(dir_.string() + "/store");
    config["sync_interval"] = 60'000;
    const auto progress = makeShared<Progress>();
    const pid_t child = startChild(*progress, std::chrono::seconds(60), [&] {
      awaitTracer();
      Storage storage = Storage::open(config);
      for (int i = 0; i < kKeys; ++i) storage.hashPut("h", keyOf(i), "first");
      work(storage);  // what it needs the first time it may ask for
      showCalls(allGroups());
      work(storage);
      ::_exit(0);
    });
    std::size_t calls = 0;
    const int status = trace(child, [&](const Call& call) {
      if (call.thread == child) ++calls;
      return Action{};
    });
    EXPECT_EQ(failureOf(status, *progress), std::nullopt);
    return calls;
  }

  static std::string keyOf(int i) { return "key" + std::to_string(i); }

 private:
  const testing::TempDir dir_;
};

TEST_P(SystemCalls, NoneToRead) {
  const auto read = [](Storage& storage) {
    for (int i = 0; i < kTimes; ++i) static_cast<void>(storage.hashGet("h", keyOf(i % kKeys)));
  };
  EXPECT_EQ(during(read), 0u);
}

TEST_P(SystemCalls, FewToWrite) {
  const auto write = [](Storage& storage) {
    for (int i = 0; i < kTimes; ++i) storage.hashPut("h", keyOf(i % kKeys), i);
  };
  EXPECT_LE(during(write), static_cast<std::size_t>(kTimes) / 20);
}

// That they would be counted: a sync asks for more than one.
TEST_P(SystemCalls, SomeToSync) {
  const auto sync = [](Storage& storage) {
    storage.hashPut("h", "key0", "synced");
    storage.sync();
  };
  EXPECT_GE(during(sync), 1u);
}

INSTANTIATE_TEST_SUITE_P(, SystemCalls,
                         ::testing::Values(testing::rawFiles(), testing::md5Files(),
                                           testing::binaryStore()),
                         testing::storeName);

}  // namespace
}  // namespace hexpage::torture
