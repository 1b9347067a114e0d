// Who dies while a transaction puts one large hash in the place of another.
#include <gtest/gtest.h>

#include <hexpage/storage.hpp>
#include <hexpage/testing/contract/temp_dir.hpp>
#include <stdexcept>

#include "tests/torture/child.hpp"
#include "tests/torture/progress.hpp"
#include "tests/torture/tracer.hpp"

namespace hexpage::torture {
namespace {

using hexpage::testing::TempDir;

constexpr std::size_t kItems = 290;  // each in a page of its own
constexpr std::size_t kStep = 1999;  // calls between two that the process is killed at

class LargeRenames : public ::testing::Test {
 protected:
  Json config() const { return {{"filesystem", {{"base_dir", dir_.string() + "/store"}}}}; }

  void make() const {
    Storage storage = Storage::open(config());
    for (const std::string path : {"live", "next"}) {
      Json records = Json::object();
      for (std::size_t n = 0; n < kItems; ++n) records[std::to_string(n)] = path;
      storage.hashPutMulti(path, records, {.create = {{"page_size", 1}}});
    }
    storage.hashPut("log", "last", "live");
  }

  static void swapIn(Storage& storage) {
    storage.transaction({"live", "next", "old", "log"}, [](Transaction& tx) {
      tx.hashRename("live", "old");
      tx.hashRename("next", "live");
      tx.hashPut("log", "last", "next");
    });
  }

  static void swapBack(Storage& storage) {
    storage.transaction({"live", "next", "old", "log"}, [](Transaction& tx) {
      tx.hashRename("live", "next");
      tx.hashRename("old", "live");
      tx.hashPut("log", "last", "live");
    });
  }

  // Whether it was killed before it came to its nth changing call.
  bool swapUntil(std::size_t n) const {
    const auto progress = makeShared<Progress>();
    const pid_t child = startChild(*progress, kChildLimit, [&] {
      awaitTracer();
      showCalls(changingGroups());
      Storage storage = Storage::open(config());
      swapIn(storage);
    });
    return killBeforeChange(child, n);
  }

  static void expectAll(Storage& storage, const std::string& path, const std::string& value) {
    std::size_t found = 0;
    storage.hashEach(path, [&](const std::string&, const Json& item) { found += item == value; });
    if (found != kItems || storage.hashGetInfo(path).length != kItems)
      throw std::runtime_error(path + " has " + std::to_string(found) + " of " + value);
  }

  // All of it has happened, or nothing. It has not, afterwards.
  void expectWhole() const {
    const auto failure = runInChild(kChildLimit, [&] {
      Storage storage = Storage::open(config());
      if (!storage.verify().findings.empty()) throw std::runtime_error("it does not verify");
      const bool hasHappened = storage.hashGet("log", "last") == "next";
      expectAll(storage, "live", hasHappened ? "next" : "live");
      expectAll(storage, hasHappened ? "old" : "next", hasHappened ? "live" : "next");
      if (storage.list().size() != 3) throw std::runtime_error("a hash too many");
      if (hasHappened) swapBack(storage);
    });
    EXPECT_FALSE(failure) << *failure;
  }

  TempDir dir_;
};

TEST_F(LargeRenames, AreWholeOrAbsentWhereverTheirProcessDies) {
  EXPECT_FALSE(runInChild(kChildLimit, [&] { make(); }));
  bool isKilled = true;
  for (std::size_t n = kStep; isKilled && !HasFailure(); n += kStep) {
    SCOPED_TRACE("killed before call " + std::to_string(n));
    isKilled = swapUntil(n);
    expectWhole();
  }
}

}  // namespace
}  // namespace hexpage::torture
