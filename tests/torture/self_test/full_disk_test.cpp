// Stores that have filled a disk by themselves. A binary one could not be made smaller any more:
// after some removals each was refused, since what they append had no room either.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>

#include <hexpage/hexpage.hpp>

#include "tests/support/stores.hpp"
#include "tests/torture/child.hpp"
#include "tests/torture/power_loss/loop_disk.hpp"
#include "tests/torture/small_disk.hpp"

namespace hexpage::torture {
namespace {

using testing::StoreKind;

struct Case {
  StoreKind kind;
  std::size_t diskBytes = 0;
};

void PrintTo(const Case& one, std::ostream* out) {
  *out << one.kind.name << " on " << one.diskBytes << " bytes";
}

constexpr std::size_t kBlock = 4096;

std::string keyOf(std::size_t i) { return "key" + std::to_string(i); }
Json valueOf(std::size_t i) {
  return std::string(200 + i * 7 % 2500, static_cast<char>('a' + i % 26));
}

class FullDiskTest : public ::testing::TestWithParam<Case> {
 protected:
  void SetUp() override {
    try {
      LoopDisk::makePrivate();
      disk_ = std::make_unique<SmallDisk>(GetParam().diskBytes);
    } catch (const std::exception& error) {
      GTEST_SKIP() << "no file system of its own can be mounted here: " << error.what();
    }
    config_ = GetParam().kind.config(disk_->directory() + "/store");
    if (config_.contains("binary")) config_["binary"].erase("segment_bytes");
  }

  Storage open() const { return Storage::open(config_); }

  // Puts until one does not fit; how many items there are then.
  static std::size_t fill(Storage& storage, std::size_t from = 0) {
    for (std::size_t i = from;; ++i) {
      const auto code = testing::failureOf([&] { storage.hashPut("h", keyOf(i), valueOf(i)); });
      if (!code) continue;
      EXPECT_EQ(code, Code::NoSpace);
      return i;
    }
  }

  static void expectItems(Storage& storage, std::size_t from, std::size_t to) {
    std::size_t seen = 0;
    storage.hashEach("h", [&](const std::string& key, const Json& value) {
      const std::size_t i = std::stoul(key.substr(3));
      EXPECT_TRUE(from <= i && i < to) << key;
      EXPECT_EQ(value, valueOf(i));
      ++seen;
    });
    EXPECT_EQ(seen, to - from);
  }

  static void removeItems(Storage& storage, std::size_t from, std::size_t to) {
    for (std::size_t i = from; i < to; ++i)
      ASSERT_NO_THROW(storage.hashDelete("h", keyOf(i))) << i << " of " << to;
  }

  // Of the disk, at least so much must have become items.
  std::size_t leastItems() const { return GetParam().diskBytes / 8 / kBlock; }

  std::unique_ptr<SmallDisk> disk_;
  Json config_;
};

TEST_P(FullDiskTest, IsEmptiedItemByItemAndFilledAgain) {
  Storage storage = open();
  const std::size_t items = fill(storage);
  ASSERT_GE(items, leastItems());
  expectItems(storage, 0, items);
  removeItems(storage, 0, items / 2);
  expectItems(storage, items / 2, items);
  removeItems(storage, items / 2, items);
  EXPECT_EQ(storage.hashGetInfo("h").length, 0u);
  const std::size_t again = fill(storage);
  EXPECT_GE(again, items / 4);
  expectItems(storage, 0, again);
}

TEST_P(FullDiskTest, TakesNewItemsOnceSomeAreRemoved) {
  Storage storage = open();
  const std::size_t items = fill(storage);
  removeItems(storage, 0, items / 2);
  storage.sync();
  const std::size_t more = fill(storage, items) - items;
  EXPECT_GE(more, items / 8);
  expectItems(storage, items / 2, items + more);
}

TEST_P(FullDiskTest, IsOpenedAndEmptiedWhileItIsFull) {
  std::size_t items = 0;
  {
    Storage storage = open();
    items = fill(storage);
  }
  {
    Storage storage = open();
    expectItems(storage, 0, items);
    removeItems(storage, 0, items / 2);
  }
  Storage storage = open();
  expectItems(storage, items / 2, items);
  storage.hashDeleteAll("h", true);
  EXPECT_EQ(testing::failureOf([&] { storage.hashGetInfo("h"); }), Code::NoSuchKey);
  storage.sync();
  EXPECT_GE(fill(storage), items / 4);
}

TEST_P(FullDiskTest, IsOpenedAndEmptiedAfterAKillWhileItWasFull) {
  const auto progress = makeShared<Progress>();
  const auto counted = makeShared<std::size_t>();
  const pid_t child = startChild(*progress, std::chrono::seconds(100), [&] {
    Storage storage = open();
    const std::size_t items = fill(storage);
    removeItems(storage, 0, items / 4);
    *counted = items;
    ::kill(::getpid(), SIGKILL);
  });
  static_cast<void>(waitFor(child, *progress));
  const std::size_t items = *counted;
  ASSERT_GE(items, leastItems());
  Storage storage = open();
  expectItems(storage, items / 4, items);
  removeItems(storage, items / 4, items);
  EXPECT_EQ(storage.hashGetInfo("h").length, 0u);
  storage.sync();
  EXPECT_GE(fill(storage), items / 4);
}

std::vector<Case> cases() {
  constexpr std::size_t kMiB = std::size_t{1} << 20;
  return {{testing::rawFiles(), 3 * kMiB},
          {testing::md5Files(), 3 * kMiB},
          {testing::bufferedFiles(), 8 * kMiB},
          {testing::binaryStore(), kMiB},
          {testing::binaryStore(), 3 * kMiB}};
}

INSTANTIATE_TEST_SUITE_P(, FullDiskTest, ::testing::ValuesIn(cases()), [](const auto& one) {
  return one.param.kind.name + "_" + std::to_string(one.param.diskBytes >> 10) + "KiB";
});

}  // namespace
}  // namespace hexpage::torture
