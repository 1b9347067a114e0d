// Each call with its first allocation failing, with its second, and so on until it fails no more.
// What has failed for want of memory had no effect, and does next time.
#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <iterator>
#include <new>
#include <vector>

#include "tests/memory/failing_allocations.hpp"
#include "tests/support/contents.hpp"
#include "tests/support/stores.hpp"

namespace hexpage::testing {
namespace {

using Then = FailingAllocations::Then;

// A call on what is at a path, and below it.
struct Call {
  std::string name;
  std::function<void(Storage& storage, const std::string& path)> make;
};

Json someItems() {
  Json items = Json::object();
  for (int n = 0; n < 12; ++n)
    items["key " + std::to_string(n)] = {{"n", n}, {"s", "twelve items"}};
  return items;
}

// Those that read, lock, or change no more than a time.
const std::vector<Call>& lookingCalls() {
  static const std::vector<Call> all{
      {"info", [](auto& s, auto& p) { s.hashGetInfo(p); }},
      {"get", [](auto& s, auto& p) { s.hashGet(p, "key 5"); }},
      {"getText", [](auto& s, auto& p) { s.hashGetText(p, "key 5"); }},
      {"getMulti",
       [](auto& s, auto& p) {
         s.hashGetMulti(p, {"key 1", "key 2", "key 30"});
       }},
      {"expire", [](auto& s, auto& p) { s.hashExpire(p, "key 1", kForever); }},
      {"each", [](auto& s, auto& p) { s.hashEach(p, [](const std::string&, const Json&) {}); }},
      {"rollback",
       [](auto& s, auto& p) {
         Transaction tx = s.begin({p});
         tx.hashPut(p, "new", 1);
         tx.rollback();
       }},
      {"lock", [](auto& s, auto& p) { s.lock(p); }},
      {"tryLock", [](auto& s, auto& p) { s.tryLock(p); }},
      {"lockItem", [](auto& s, auto& p) { s.lockItem(p, "key 1"); }},
  };
  return all;
}

const std::vector<Call>& changingCalls() {
  static const std::vector<Call> all{
      {"putText",
       [](auto& s, auto& p) {
         s.hashPutText(p, "key 1", R"({"long":")" + std::string(300, 'x') + "\"}");
       }},
      {"increment", [](auto& s, auto& p) { s.hashIncrement(p, "key 1", 5, {.member = "n"}); }},
      {"delete", [](auto& s, auto& p) { s.hashDelete(p, "key 1"); }},
  };
  return all;
}

std::size_t openDescriptors() {
  return static_cast<std::size_t>(std::distance(
      std::filesystem::directory_iterator("/proc/self/fd"), std::filesystem::directory_iterator()));
}

void fill(Storage& storage, const std::string& path) {
  storage.hashPutMulti(path, someItems(), {.create = {{"page_size", 5}}});
  storage.put(path + "-record", {{"a", 1}});
}

// What is at a path and below it, and its record, by what follows the path.
Texts contentAt(Storage& storage, const std::string& path) {
  Texts content;
  for (const std::string& one : storage.list(path))
    if (one == path || one.starts_with(path + "/") || one == path + "-record")
      content[one.substr(path.size())] = minified(storage.getText(one));
  for (const HashInfo& hash : storage.hashes(path)) {
    if (hash.path != path && !hash.path.starts_with(path + "/")) continue;
    storage.hashEachItem(hash.path, [&](const Item& item) {
      content[hash.path.substr(path.size()) + ": " + item.key] =
          minified(item.text) + std::to_string(item.expires);
    });
  }
  return content;
}

class Allocations : public ::testing::TestWithParam<StoreKind> {
 protected:
  static constexpr std::size_t kMost = 20'000;
  static constexpr std::size_t kNewFiles = 2;  // that a log may begin meanwhile

  Allocations() : store_(GetParam(), {{"lock_timeout", 500}}) {}

  void TearDown() override {
    expectClean(store_->verify());
    const Texts content = contentOf(*store_);
    store_.reopen();
    expectClean(store_->verify());
    EXPECT_EQ(contentOf(*store_), content);
  }

  std::string newPath() {
    const std::string path = "at" + std::to_string(paths_++) + "x";
    fill(*store_, path);
    return path;
  }

  // The call on a path of its own, with allocations that fail; false when none has. What it leaves
  // is `after`, also after an error when it is made again.
  bool fails(const Call& call, std::size_t nth, Then then, const Texts& after) {
    const std::string path = newPath();
    SCOPED_TRACE(call.name + ", allocation " + std::to_string(nth) +
                 (then == Then::All ? " and all after it" : "") + ", " + path);
    const Texts before = contentAt(*store_, path);
    bool hasThrown = false;
    FailingAllocations failing(nth, then);
    try {
      call.make(*store_, path);
    } catch (const std::bad_alloc&) {
      hasThrown = true;
    }
    const bool hasFailed = failing.end();
    if (hasThrown) {
      EXPECT_EQ(contentAt(*store_, path), before) << "it failed, but had an effect";
      call.make(*store_, path);
    }
    EXPECT_EQ(contentAt(*store_, path), after) << (hasThrown ? "made again" : "it did not throw");
    return hasFailed;
  }

  // With the first allocation failing, with the second, and so on.
  void failAtEach(const Call& call, Then then) {
    const std::string path = newPath();
    call.make(*store_, path);
    const Texts after = contentAt(*store_, path);
    const std::size_t descriptors = openDescriptors();
    std::size_t nth = 1;
    while (nth < kMost && !HasFailure() && fails(call, nth, then, after)) ++nth;
    EXPECT_LT(nth, kMost);
    EXPECT_LE(openDescriptors(), descriptors + kNewFiles) << "after " << nth << " calls";
  }

  TestStore store_;
  int paths_ = 0;
};

// A lock was held for ever whose holder had no memory for what frees it.
TEST_P(Allocations, OneThatFailsLeavesNoLockAndNoChange) {
  for (const Call& call : changingCalls()) failAtEach(call, Then::None);
}

TEST_P(Allocations, AllThatFailLeaveNoLock) {
  for (const Call& call : lookingCalls()) failAtEach(call, Then::All);
}

INSTANTIATE_TEST_SUITE_P(Stores, Allocations,
                         ::testing::Values(inMemory(), rawFiles(), binaryStore()), storeName);

}  // namespace
}  // namespace hexpage::testing
