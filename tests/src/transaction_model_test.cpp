// Random calls in a transaction and the same calls, one by one, on a store in memory: each gives
// the same or fails the same way, and what is there in the end is the same; after a rollback it is
// what was there before. HEXPAGE_SEED runs one again; HEXPAGE_ROUNDS makes it longer.
#include <algorithm>

#include "tests/support/random.hpp"
#include "tests/support/stores.hpp"

namespace hexpage::testing {
namespace {

// All that a Hashes tells of what is in it.
Json contentsOf(Hashes& hashes) {
  Json contents = Json::object();
  for (const HashInfo& info : hashes.hashes()) {
    std::map<std::string, std::string> items;
    hashes.hashEachText(info.path, [&](const std::string& key, const std::string& text) {
      EXPECT_TRUE(items.emplace(key, text).second) << "told twice: " << info.path << " " << key;
    });
    EXPECT_EQ(items.size(), info.length) << info.path;
    contents[info.path] = {{"options", info.options}, {"items", items}};
  }
  contents["paths"] = hashes.list();
  return contents;
}

class TransactionModel : public ::testing::TestWithParam<StoreKind> {
 protected:
  using Call = std::function<Json(Hashes&)>;

  // What a call gives or how it fails, as one value to compare.
  static Json outcome(Hashes& hashes, const Call& call) {
    try {
      return call(hashes);
    } catch (const Error& e) {
      return std::string(name(e.code()));
    }
  }

  // A call on the same paths, keys and documents each time that it is made.
  Call someCall() {
    const std::string path = somePath(), other = somePath(), key = random_.word();
    const Json document = random_.document();
    switch (random_.below(20)) {
      case 0:
        return [=](Hashes& h) { return h.hashRename(path, other), nullptr; };
      case 1:
        return [=](Hashes& h) { return h.hashCopy(path, other), nullptr; };
      case 2:
        return [=, entire = random_.oneIn(2)](Hashes& h) { return h.hashDeleteAll(path, entire); };
      case 3:
        return [=, records = someRecords()](Hashes& h) {
          return h.hashPutMulti(path, records), nullptr;
        };
      case 4:
        return [=, keys = someKeys()](Hashes& h) { return h.hashDeleteMulti(path, keys); };
      case 5:
        return [=](Hashes& h) { return h.hashMerge(path, key, {{"m", document}}), nullptr; };
      case 6:
        return [=, n = 1 + random_.below(9)](Hashes& h) {
          return h.hashSetPageSize(path, n), nullptr;
        };
      case 7:
        return [=](Hashes& h) { return h.hashCreate(path, {{"page_size", 4}}).length; };
      case 8:
        return [=](Hashes& h) { return h.put(path, document), nullptr; };
      case 9:
        return [=](Hashes& h) { return h.erase(path); };
      case 10:
        return [=](Hashes& h) { return h.copy(path, other), nullptr; };
      case 11:
        return [=](Hashes& h) { return h.rename(path, other), nullptr; };
      case 12:
        return [=](Hashes& h) { return h.find(path).value_or("none"); };
      case 13:
        return [=](Hashes& h) { return h.hashFind(path, key).value_or("none"); };
      case 14:
      case 15:
        return [=, entire = random_.oneIn(2)](Hashes& h) {
          return h.hashDelete(path, key, entire), nullptr;
        };
      default:
        return [=](Hashes& h) { return h.hashPut(path, key, document), nullptr; };
    }
  }

  // Two of them lie where the pages of `users` go.
  std::string somePath() { return kPaths[random_.below(kPaths.size())]; }

  Json someRecords() {
    Json records = Json::object();
    for (std::size_t n = random_.below(40); n > 0; --n)
      records[random_.word()] = random_.document();
    return records;
  }

  std::vector<std::string> someKeys() {
    std::vector<std::string> keys;
    for (std::size_t n = random_.below(30); n > 0; --n) keys.push_back(random_.word());
    return keys;
  }

  const std::vector<std::string> kPaths = {"users", "users/old", "audit", "users/data/x", "state"};
  const std::uint64_t seed_ = chosenSeed();
  Random random_{seed_};
};

INSTANTIATE_TEST_SUITE_P(Stores, TransactionModel, ::testing::ValuesIn(allStores()), storeName);

TEST_P(TransactionModel, DoesWhatTheSameCallsDoWithoutIt) {
  SCOPED_TRACE("HEXPAGE_SEED=" + std::to_string(seed_));
  const char* text = std::getenv("HEXPAGE_ROUNDS");
  const int rounds = text ? std::atoi(text) : 12;
  TestStore store(GetParam(), {{"hash_page_size", 5}});
  TestStore model(inMemory(), {{"hash_page_size", 5}});
  for (int round = 0; round < rounds && !HasFailure(); ++round) {
    const Json before = contentsOf(*store);
    ASSERT_EQ(before, contentsOf(*model));
    Transaction tx = store->begin(kPaths);
    const bool isKept = random_.oneIn(2);
    // A rolled back one has a model that is thrown away: a transaction over the model.
    Transaction modelTx = model->begin(kPaths);
    if (isKept) modelTx.rollback();
    Hashes& expected = isKept ? static_cast<Hashes&>(*model) : static_cast<Hashes&>(modelTx);
    for (std::size_t n = random_.below(60); n > 0 && !HasFailure(); --n) {
      const Call call = someCall();
      EXPECT_EQ(outcome(tx, call), outcome(expected, call));
    }
    EXPECT_EQ(contentsOf(tx), contentsOf(expected));
    if (isKept)
      tx.commit();
    else
      tx.rollback();
    modelTx.rollback();
    EXPECT_EQ(contentsOf(*store), isKept ? contentsOf(*model) : before);
    expectClean(store->verify());
    store.reopen();
  }
  EXPECT_EQ(contentsOf(*store), contentsOf(*model));
}

}  // namespace
}  // namespace hexpage::testing
