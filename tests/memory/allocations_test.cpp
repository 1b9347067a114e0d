// Each call with its first allocation failing, with its second, and so on until it fails no more.
// What has failed for want of memory had no effect, and does next time.
#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <iterator>
#include <new>
#include <optional>
#include <ostream>
#include <string>
#include <tuple>
#include <vector>

#include "tests/memory/failing_allocations.hpp"
#include "tests/support/contents.hpp"
#include "tests/support/stores.hpp"

namespace hexpage::testing {
namespace {

using Then = FailingAllocations::Then;

const Expires kFar = 4'000'000'000'000;
const std::string kLong(300, 'x');

// A call on what is at a path, and below it.
struct Call {
  std::string name;
  std::function<void(Storage& storage, const std::string& path)> make;
  bool isInPieces = false;   // by its contract: after an error the same call does the rest
  bool mayNeedNone = false;  // a store without files has nothing to do
  // Each leaves a file more, or so: every try has a store of its own, and not each allocation one.
  bool wearsStore = false;
};
using Calls = std::vector<Call>;

void PrintTo(const Call& call, std::ostream* out) { *out << call.name; }

// Made once: what a call does to make its arguments is not what is tried.
const Json& someItems() {
  static const Json items = [] {
    Json all = Json::object();
    for (int n = 0; n < 6; ++n) all["key " + std::to_string(n)] = {{"n", n}, {"s", "six items"}};
    return all;
  }();
  return items;
}

const std::vector<Item>& someTexts() {
  static const std::vector<Item> items = [] {
    std::vector<Item> all;
    for (const auto& item : someItems().items()) all.push_back({item.key(), item.value().dump()});
    return all;
  }();
  return items;
}

// Those that read, lock, or change no more than a time.
const Calls& looks() {
  static const Calls all{
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
      {"list", [](auto& s, auto& p) { s.list(p); }},
      {"hashes", [](auto& s, auto& p) { s.hashes(p); }},
      {.name = "files", .make = [](auto& s, auto&) { s.files(); }, .mayNeedNone = true},
      {"sync",
       [](auto& s, auto& p) {
         s.hashPutText(p, "key 1", "1");
         s.sync();
       },
       true},
      {"layout", [](auto& s, auto& p) { s.layout(p); }},
      {"count",
       [](auto& s, auto& p) { s.hashCount(p, {.by = MatchBy::Prefix, .pattern = "key"}); }},
      {"match",
       [](auto& s, auto& p) {
         for ([[maybe_unused]] const auto& item :
              s.hashMatch(p, {.by = MatchBy::Regex, .pattern = "^key [1-4]$"})) {
         }
       }},
      {"backup", [](auto& s, auto&) { backup(s, [](std::string_view) {}); }},
      {"lock", [](auto& s, auto& p) { s.lock(p); }},
      {"tryLock", [](auto& s, auto& p) { s.tryLock(p); }},
      {"lockItem", [](auto& s, auto& p) { s.lockItem(p, "key 1"); }},
  };
  return all;
}

// Those of the whole store.
const Calls& upkeep() {
  static const Calls all{
      {.name = "verify", .make = [](auto& s, auto&) { s.verify(); }, .wearsStore = true},
      {.name = "compact",
       .make = [](auto& s, auto&) { s.compact(); },
       .mayNeedNone = true,
       .wearsStore = true},
      {.name = "figures", .make = [](auto& s, auto&) { s.figures(); }, .mayNeedNone = true},
  };
  return all;
}

// Of what is at a path, as fill() leaves it.
const Calls& changesOfItems() {
  static const Calls all{
      {"put",
       [](auto& s, auto& p) {
         s.hashPut(p, "new", {{"a", 1}});
       }},
      {"putOver",
       [](auto& s, auto& p) {
         s.hashPutText(p, "key 1", R"({"long":")" + std::string(300, 'x') + "\"}");
       }},
      {"putMulti",
       [](auto& s, auto& p) {
         s.hashPutMulti(p, {{"key 1", 1}, {"key 2", kLong}, {"new", 2}, {"newer", kLong}});
       }},
      {"putThatExpires",
       [](auto& s, auto& p) {
         s.hashPutTexts(p, std::vector<Item>{{"key 1", "1", kFar}, {"a", "1", kFar}, {"b", "2"}});
       }},
      {"increment", [](auto& s, auto& p) { s.hashIncrement(p, "key 1", 5, {.member = "n"}); }},
      {"push", [](auto& s, auto& p) { s.hashArrayPush(p, "array", 5); }},
      {"update",
       [](auto& s, auto& p) {
         s.hashUpdate(p, "key 1", {{"n", 5}});
       }},
      {"updateMulti",
       [](auto& s, auto& p) {
         s.hashUpdateMulti(p, {{"key 1", {{"n", kLong}}}, {"key 2", {{"s", 1}}}});
       }},
      {"merge",
       [](auto& s, auto& p) {
         s.hashMerge(p, "key 1", {{"n", nullptr}, {"a", {1}}});
       }},
      {"edit",
       [](auto& s, auto& p) {
         s.hashEdit(p, "key 1", [](std::optional<Json>) { return std::optional<Json>(kLong); });
       }},
      {"putIf", [](auto& s, auto& p) { s.hashPutIf(p, "new", std::nullopt, 1); }},
      {"deleteIf",
       [](auto& s, auto& p) {
         s.hashDeleteIf(p, "key 1", {{"n", 1}, {"s", "six items"}});
       }},
      {"delete", [](auto& s, auto& p) { s.hashDelete(p, "key 1"); }},
      {"deleteMulti",
       [](auto& s, auto& p) {
         s.hashDeleteMulti(p, {"key 1", "key 5", "none"});
       }},
      {"deleteMatching",
       [](auto& s, auto& p) { s.hashDeleteMatching(p, {.by = MatchBy::Prefix, .pattern = "key"}); },
       true},
      {"clear", [](auto& s, auto& p) { s.hashDeleteAll(p); }},
  };
  return all;
}

const Calls& changesOfHashes() {
  static const Calls all{
      {"create",
       [](auto& s, auto& p) {
         s.hashCreate(p + "/new", {{"page_size", 5}});
       }},
      {"putThatCreates", [](auto& s, auto& p) { s.hashPut(p + "/new", "key", kLong); }},
      {"putMultiThatCreates", [](auto& s, auto& p) { s.hashPutMulti(p + "/new", someItems()); }},
      {"drop", [](auto& s, auto& p) { s.hashDeleteAll(p, true); }},
      {"copy", [](auto& s, auto& p) { s.hashCopy(p, p + "/new"); }},
      {"copyOver", [](auto& s, auto& p) { s.hashCopy(p, p + "/other"); }},
      {"rename", [](auto& s, auto& p) { s.hashRename(p, p + "/new"); }},
      {"renameOver", [](auto& s, auto& p) { s.hashRename(p, p + "/other"); }},
      {"setPageSize", [](auto& s, auto& p) { s.hashSetPageSize(p, 3); }},
      {"putRecord",
       [](auto& s, auto& p) {
         s.put(p + "/new", {{"b", 2}});
       }},
      {"putRecordOver", [](auto& s, auto& p) { s.put(p + "/record", kLong); }},
      {"eraseRecord", [](auto& s, auto& p) { s.erase(p + "/record"); }},
      {"copyRecord", [](auto& s, auto& p) { s.copy(p + "/record", p + "/other"); }},
      {"renameRecord", [](auto& s, auto& p) { s.rename(p + "/record", p + "/new"); }},
  };
  return all;
}

const Calls& transactions() {
  static const Calls all{
      {"transaction",
       [](auto& s, auto& p) {
         s.transaction({p, p + "/new", p + "/other"}, [&](Transaction& tx) {
           tx.hashPut(p, "key 1", kLong);
           tx.hashDelete(p, "key 2");
           tx.hashPutMulti(p + "/new", someItems());
           tx.hashDeleteAll(p + "/other");
           tx.hashPut(p + "/other", "a", 1);
         });
       }},
      {"transactionThatLocksAsItGoes",
       [](auto& s, auto& p) {
         s.transaction([&](Transaction& tx) {
           tx.put(p + "/record", kLong);
           tx.hashRename(p, p + "/new");
           tx.hashUpdate(p + "/new", "key 1", {{"n", 2}});
           tx.hashPut(p, "key 1", 1);
           tx.hashCopy(p + "/other", p + "/record");
         });
       }},
      {"transactionThatDrops",
       [](auto& s, auto& p) {
         Transaction tx = s.begin({p, p + "/other", p + "/record"});
         tx.hashDeleteAll(p, true);
         tx.hashSetPageSize(p + "/other", 2);
         tx.erase(p + "/record");
         tx.commit();
       }},
  };
  return all;
}

std::size_t openDescriptors() {
  return static_cast<std::size_t>(std::distance(
      std::filesystem::directory_iterator("/proc/self/fd"), std::filesystem::directory_iterator()));
}

// At a path: a hash; below it another one, a record, and perhaps what is new.
const std::vector<std::string>& places() {
  static const std::vector<std::string> all{"", "/new", "/other", "/record"};
  return all;
}

void fill(Storage& storage, const std::string& path) {
  static const PutOptions small{.create = {{"page_size", 5}}};
  static const std::vector<Item> few{{"o", "1"}, {"p", "2"}, {"q", "3"}};
  storage.hashPutTexts(path, someTexts(), small);
  storage.hashPutTexts(path + "/other", few);
  storage.putText(path + "/record", R"({"a":1})");
}

bool isHash(Storage& storage, const std::string& path) {
  return sessionOf(storage).backend->info(path).has_value();
}

void empty(Storage& storage, const std::string& path) {
  for (const std::string& place : places())
    if (isHash(storage, path + place))
      storage.hashDeleteAll(path + place, true);
    else
      storage.erase(path + place);
}

// What is at those places, by what follows the path.
Texts contentAt(Storage& storage, const std::string& path) {
  Texts content;
  Backend& backend = sessionOf(storage).backend->stored();
  for (const std::string& place : places()) {
    auto record = backend.record(path + place);
    if (!record) continue;
    content[place] = std::move(*record);
    Chunk chunk;
    do {
      chunk = backend.scan(path + place, chunk.next);
      for (const Item& item : chunk.items)
        content[place + ": " + item.key] = item.text + std::to_string(item.expires);
    } while (!chunk.next.empty());
  }
  return content;
}

class Allocations : public ::testing::TestWithParam<std::tuple<StoreKind, Call>> {
 protected:
  static constexpr std::size_t kMost = 20'000;
  static constexpr std::size_t kStepOfAll = 7;
  static constexpr std::size_t kStepOfUpkeep = 11;
  static constexpr std::size_t kTimesAgain = 7;  // each so many times it is made again
  static constexpr std::size_t kNewFiles = 8;    // that a log may begin meanwhile

  Allocations() { newStore(); }

  void TearDown() override { expectSound(); }

  void newStore() { storeHere_.emplace(std::get<0>(GetParam()), Json{{"lock_timeout", 500}}); }
  TestStore& store() { return *storeHere_; }
  Storage& storage() { return *store(); }

  // Now, and when opened again.
  void expectSound() {
    expectClean(storage().verify());
    const Texts content = contentOf(storage());
    store().reopen();
    expectClean(storage().verify());
    EXPECT_EQ(contentOf(storage()), content);
  }

  // The call with allocations that fail, on what is `before`; false when none has. What it leaves
  // is `after`, also after an error when it is made again.
  bool fails(const Call& call, std::size_t nth, Then then, const Texts& before,
             const Texts& after) {
    SCOPED_TRACE(call.name + ", allocation " + std::to_string(nth) +
                 (then == Then::All ? " and all after it" : ""));
    bool hasFailed = false, hasThrown = false;
    FailingAllocations failing(nth, then);
    try {
      call.make(storage(), kPath);
      hasFailed = failing.end();
    } catch (const std::bad_alloc&) {
      hasFailed = failing.end();
      hasThrown = true;
    }
    if (hasThrown) {
      const Texts left = contentAt(storage(), kPath);
      EXPECT_TRUE(call.isInPieces || left == before)
          << "it failed, but had an effect: " << ::testing::PrintToString(left);
      if (nth % kTimesAgain != 1 && left == before) return hasFailed;
      call.make(storage(), kPath);
    }
    EXPECT_EQ(contentAt(storage(), kPath), after)
        << (hasThrown ? "made again" : "it did not throw");
    beginAgain(call);
    return hasFailed;
  }

  // With the content that each call is tried on.
  void beginAgain(const Call& call) {
    if (call.wearsStore) {
      expectSound();
      newStore();
      fill(storage(), kPath);
    }
    empty(storage(), kPath);  // which leaves something to compact
    fill(storage(), kPath);
  }

  static std::size_t stepOf(const Call& call, Then then) {
    if (call.wearsStore) return kStepOfUpkeep;
    return then == Then::All ? kStepOfAll : 1;
  }

  // With the first allocation failing, with the second, and so on.
  void failAtEach(const Call& call, Then then) {
    fill(storage(), kPath);
    const Texts before = contentAt(storage(), kPath);
    call.make(storage(), kPath);
    const Texts after = contentAt(storage(), kPath);
    beginAgain(call);
    const std::size_t descriptors = openDescriptors();
    std::size_t nth = 1;
    while (nth < kMost && !HasFailure() && fails(call, nth, then, before, after))
      nth += stepOf(call, then);
    EXPECT_LT(nth, kMost);
    EXPECT_TRUE(nth > 1 || call.mayNeedNone) << "nothing was tried";
    EXPECT_LE(openDescriptors(), descriptors + kNewFiles) << "after " << nth << " calls";
    EXPECT_TRUE(storage().locks().empty());
    empty(storage(), kPath);
    EXPECT_TRUE(storage().list().empty()) << "something is left";
  }

  const std::string kPath = "at";
  std::optional<TestStore> storeHere_;
};

// A lock was held for ever whose holder had no memory for what frees it.
TEST_P(Allocations, OneThatFailsLeavesNoChangeAndNoLock) {
  failAtEach(std::get<1>(GetParam()), Then::None);
}

TEST_P(Allocations, AllThatFailLeaveNoChangeAndNoLock) {
  failAtEach(std::get<1>(GetParam()), Then::All);
}

std::string nameOf(const ::testing::TestParamInfo<Allocations::ParamType>& info) {
  return std::get<0>(info.param).name + "_" + std::get<1>(info.param).name;
}

// What is changed comes into the files later, as with the settings that users have.
StoreKind bufferedMd5Files() {
  StoreKind kind = md5Files();
  kind.syncInterval = 1000;
  return kind;
}

// Those whose changes come into the files at once, which is more to fail.
auto inFilesAtOnce() {
  StoreKind kind = md5Files();
  kind.name += "AtOnce";
  Calls some;
  for (const Call& call : changesOfItems())
    if (call.name == "putMulti" || call.name == "delete") some.push_back(call);
  return ::testing::Combine(::testing::Values(kind), ::testing::ValuesIn(some));
}

auto overStores(const Calls& calls) {
  return ::testing::Combine(
      ::testing::Values(inMemory(), bufferedFiles(), bufferedMd5Files(), binaryStore()),
      ::testing::ValuesIn(calls));
}

INSTANTIATE_TEST_SUITE_P(Looks, Allocations, overStores(looks()), nameOf);
INSTANTIATE_TEST_SUITE_P(Upkeep, Allocations, overStores(upkeep()), nameOf);
INSTANTIATE_TEST_SUITE_P(Items, Allocations, overStores(changesOfItems()), nameOf);
INSTANTIATE_TEST_SUITE_P(AtOnce, Allocations, inFilesAtOnce(), nameOf);
INSTANTIATE_TEST_SUITE_P(Hashes, Allocations, overStores(changesOfHashes()), nameOf);
INSTANTIATE_TEST_SUITE_P(Transactions, Allocations, overStores(transactions()), nameOf);

}  // namespace
}  // namespace hexpage::testing
