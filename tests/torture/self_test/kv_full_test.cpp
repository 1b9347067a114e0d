// The engine below the binary backend on a disk that is full: of what does not fit nothing is done,
// and all that was acknowledged stays, also for who opens the store while it is full.
#include <gtest/gtest.h>

#include <hexpage/error.hpp>
#include <hexpage/kv.hpp>
#include <map>

#include "tests/torture/power_loss/loop_disk.hpp"
#include "tests/torture/small_disk.hpp"

namespace hexpage::torture {
namespace {

using Model = std::map<std::string, std::string>;

struct KvFull : ::testing::Test {
  void SetUp() override {
    options.segmentBytes = 256 << 10;
    options.compactInBackground = false;
    try {
      LoopDisk::makePrivate();
      disk = std::make_unique<SmallDisk>();
    } catch (const std::exception& error) {
      GTEST_SKIP() << "no file system of its own can be mounted here: " << error.what();
    }
  }
  kv::Database open() { return kv::Database::open(disk->directory() + "/store", options); }

  static void expect(const kv::Database& store, const Model& model) {
    Model found;
    kv::Cursor cursor = store.cursor();
    while (const auto entry = cursor.next()) found.emplace(entry->key, entry->value);
    EXPECT_EQ(found.size(), model.size());
    EXPECT_TRUE(found == model);
    Report report;
    store.verify(report);
    EXPECT_TRUE(report.clean());
  }

  // Sets, in mapped and in written sizes, until one does not fit.
  static void fill(kv::Database& store, Model& model, std::size_t valueBytes) {
    for (int i = 0;; ++i) {
      const std::string key = std::to_string(valueBytes) + "/" + std::to_string(i);
      const std::string value(valueBytes, static_cast<char>(i));
      try {
        store.set(key, value);
        model[key] = value;
      } catch (const Error& error) {
        ASSERT_EQ(error.code(), Code::NoSpace) << error.what();
        return;
      }
    }
  }

  std::unique_ptr<SmallDisk> disk;
  kv::Options options;
};

TEST_F(KvFull, NothingIsDoneOfWhatDoesNotFit) {
  for (const std::size_t left : {0u, 4u << 10, 40u << 10, 300u << 10, 1'500u << 10}) {
    SCOPED_TRACE(left);
    disk->makeRoom();
    std::filesystem::remove_all(disk->directory() + "/store");
    Model model;
    {
      kv::Database store = open();
      for (int i = 0; i < 300; ++i) {
        store.set(std::to_string(i), std::string(300, 'x'));
        model[std::to_string(i)] = std::string(300, 'x');
      }
      disk->leaveBytes(left);
      fill(store, model, 60'000);
      fill(store, model, 3'000);
      fill(store, model, 100);
      expect(store, model);
      kv::Transaction change = store.begin();
      EXPECT_THROW(
          {
            for (int i = 0; i < 100; ++i)
              change.set("large" + std::to_string(i), std::string(60'000, 'y'));
            change.commit();
          },
          Error);
      expect(store, model);
    }
    {
      kv::Database store = open();  // still full
      expect(store, model);
    }
    disk->makeRoom();
    kv::Database store = open();
    expect(store, model);
    store.set("more", "x");
    model["more"] = "x";
    store.compact();
    expect(store, model);
  }
}

}  // namespace
}  // namespace hexpage::torture
