// Who dies while it recovers what several processes have left that died together.
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <hexpage/storage.hpp>
#include <hexpage/testing/contract/temp_dir.hpp>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/files.hpp"
#include "tests/torture/child.hpp"
#include "tests/torture/progress.hpp"
#include "tests/torture/tracer.hpp"

namespace hexpage::torture {
namespace {

using hexpage::testing::TempDir;

constexpr int kKeys = 12;  // in several pages

// Each by itself, when somebody wants what it had; or all before anybody gets in, as when one of
// them was building a hash.
enum class Recovered { Apart, AtOnce };

class KilledTogether : public ::testing::TestWithParam<Recovered> {
 protected:
  static Json config(const TempDir& dir) {
    return {{"hash_page_size", 4},
            {"sync_interval", 600'000},
            {"filesystem", {{"base_dir", dir.string() + "/store"}}}};
  }

  static void put(Storage& storage, const std::string& path, int value) {
    for (int key = 0; key < kKeys; ++key) storage.hashPut(path, std::to_string(key), value);
  }

  static void spinUntil(const std::atomic<std::uint32_t>& count, std::uint32_t least) {
    while (count < least) std::this_thread::yield();
  }

  // A flush of 1 is logged and placed in part, and 2 is put meanwhile.
  static void leaveMuch(const TempDir& dir, const std::string& path, Progress& progress) {
    Storage storage = Storage::open(config(dir));
    put(storage, path, 0);
    storage.sync();
    put(storage, path, 1);
    std::thread flush([&] {
      showCalls(std::vector{Group::Name});
      storage.sync();
    });
    spinUntil(progress.begun, 1);
    put(storage, path, 2);
    progress.acknowledged = 1;
    flush.join();
  }

  // Kills it with its flush before the nth rename.
  static void dieInFlush(const TempDir& dir, const std::string& path, std::size_t n) {
    const auto progress = makeShared<Progress>();
    const pid_t child = startChild(*progress, kChildLimit, [&] {
      awaitTracer();
      leaveMuch(dir, path, *progress);
    });
    std::size_t calls = 0;
    trace(child, [&](const Call&) -> Action {
      if (++calls != n) return {};
      progress->begun = 1;
      spinUntil(progress->acknowledged, 1);
      return {Action::KillBefore};
    });
    EXPECT_EQ(calls, n);
  }

  // Two that had the store open at once, so that each has a journal of its own.
  static void dieTogether(const TempDir& dir) {
    if (GetParam() == Recovered::AtOnce) {
      Storage::open(config(dir));
      std::filesystem::create_directory(dir.string() + "/store/.hexpage/hidden");
      testing::writeFile(dir.string() + "/store/.hexpage/hidden/0.json", "{}");
    }
    const auto progress = makeShared<Progress>();
    const pid_t first = startChild(*progress, kChildLimit, [&] {
      Storage storage = Storage::open(config(dir));
      put(storage, "first", 2);
      progress->begun = 1;
      for (;;) std::this_thread::sleep_for(std::chrono::seconds(1));
    });
    spinUntil(progress->begun, 1);
    dieInFlush(dir, "second", 3);
    ::kill(first, SIGKILL);
    EXPECT_TRUE(waitFor(first, *progress));
  }

  // Whether it was killed before it came to its nth changing call.
  static bool recoverUntil(const TempDir& dir, std::size_t n) {
    const auto progress = makeShared<Progress>();
    const pid_t child = startChild(*progress, kChildLimit, [&] {
      awaitTracer();
      showCalls(changingGroups());
      Storage storage = Storage::open(config(dir));
      for (const std::string path : {"first", "second"}) storage.hashGet(path, "0");
    });
    return killBeforeChange(child, n);
  }

  static void expectAll(const TempDir& dir) {
    const auto failure = runInChild(kChildLimit, [&] {
      Storage storage = Storage::open(config(dir));
      for (const std::string path : {"first", "second"})
        for (int key = 0; key < kKeys; ++key)
          if (const Json value = storage.hashGet(path, std::to_string(key)); value != 2)
            throw std::runtime_error(path + ": " + std::to_string(key) + " is " + value.dump());
      const Report report = storage.verify();
      for (const Finding& finding : report.findings)
        if (!finding.file.starts_with(".hexpage/conflicts"))
          throw std::runtime_error(finding.file + ": " + finding.reason);
    });
    EXPECT_FALSE(failure) << *failure;
  }
};

// What one had flushed was placed once more over what the first recovery had made of it and of the
// changes since, and those were lost.
TEST_P(KilledTogether, NothingIsLostWhenTheirRecoveryIsKilledToo) {
  bool isKilled = true;
  for (std::size_t n = 1; isKilled && !HasFailure(); ++n) {
    SCOPED_TRACE("killed before call " + std::to_string(n));
    const TempDir dir;
    dieTogether(dir);
    isKilled = recoverUntil(dir, n);
    expectAll(dir);
    EXPECT_TRUE(n < 10'000);
  }
}

// What lies in the way of a page that was flushed and has been changed since.
TEST_P(KilledTogether, WhatAnotherProgramHasWrittenSinceIsKept) {
  const TempDir dir;
  dieTogether(dir);
  std::vector<std::filesystem::path> pages;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(dir.string() + "/store/second/data"))
    if (entry.is_regular_file()) pages.push_back(entry.path());
  ASSERT_FALSE(pages.empty());
  for (const auto& page : pages) {
    std::filesystem::remove(page);
    testing::writeFile(page, R"({"type":"hash_page","length":0,"items":{},"edited":true})");
  }
  expectAll(dir);
  std::size_t kept = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator(dir.string() + "/store/.hexpage/conflicts"))
    kept += testing::readFile(entry.path()).find("edited") != std::string::npos ? 1 : 0;
  EXPECT_EQ(kept, pages.size());
}

INSTANTIATE_TEST_SUITE_P(Recovered, KilledTogether,
                         ::testing::Values(Recovered::Apart, Recovered::AtOnce),
                         [](const auto& tested) {
                           return tested.param == Recovered::Apart ? "Apart" : "AtOnce";
                         });

}  // namespace
}  // namespace hexpage::torture
