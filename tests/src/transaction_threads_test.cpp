// Transactions of many threads on one Storage. Rounds are counted, not timed.
#include <atomic>
#include <thread>

#include "tests/support/random.hpp"
#include "tests/support/stores.hpp"

namespace hexpage::testing {
namespace {

constexpr int kThreads = 3;
constexpr int kRounds = 30;

class TransactionThreads : public ::testing::TestWithParam<StoreKind> {
 protected:
  void SetUp() override {
    for (const char* bank : kBanks) store_->hashPutMulti(bank, {{"ann", 100}, {"bob", 100}});
  }
  void TearDown() override {
    expectClean(store_->verify());
    EXPECT_EQ(sum(*store_), 600);
  }

  static int sum(Hashes& hashes) {
    int all = 0;
    for (const char* bank : kBanks)
      for (const auto& [name, cents] : hashes.hashItems(bank)) all += cents.get<int>();
    return all;
  }

  // From an account to one of another bank.
  static void transfer(Transaction& tx, const std::string& from, const std::string& to) {
    const int left = tx.hashGet(from, "ann");
    tx.hashPut(from, "ann", left - 1);
    tx.hashPut(to, "bob", tx.hashGet(to, "bob").get<int>() + 1);
  }

  // work(random) in each thread, kRounds times.
  template <class Work>
  static void inThreads(Work work) {
    std::vector<std::thread> threads;
    for (std::uint64_t t = 0; t < kThreads; ++t)
      threads.emplace_back([&, t] {
        Random random(t);
        for (int n = 0; n < kRounds; ++n) work(random);
      });
    for (std::thread& thread : threads) thread.join();
  }

  static constexpr const char* kBanks[] = {"first", "second", "third"};
  static std::string someBank(Random& random) { return kBanks[random.below(3)]; }

  TestStore store_{GetParam()};
};

INSTANTIATE_TEST_SUITE_P(Stores, TransactionThreads,
                         ::testing::Values(inMemory(), rawFiles(), binaryStore()), storeName);

TEST_P(TransactionThreads, MoveWithoutLoss) {
  inThreads([&](Random& random) {
    const std::string from = someBank(random), to = someBank(random);
    store_->transaction({from, to}, [&](Transaction& tx) { transfer(tx, from, to); });
  });
}

TEST_P(TransactionThreads, MoveWithoutLossBesidePlainCalls) {
  inThreads([&](Random& random) {
    const std::string from = someBank(random), to = someBank(random);
    store_->hashPut(from, "carl", 0);
    store_->hashCopy(from, "copy of " + to);
    store_->transaction({from, to}, [&](Transaction& tx) { transfer(tx, from, to); });
    store_->hashEdit(to, "bob", [](auto& cents) { return Json(cents->template get<int>() + 1); });
    store_->hashIncrement(to, "ann", -1);
  });
}

// Without names two may wait for each other: who is told so begins anew.
TEST_P(TransactionThreads, WithoutNamesNeverWaitInACircle) {
  std::atomic<int> refused = 0;
  inThreads([&](Random& random) {
    const std::string from = someBank(random), to = someBank(random);
    for (bool isDone = false; !isDone;) try {
        store_->transaction([&](Transaction& tx) { transfer(tx, from, to); });
        isDone = true;
      } catch (const Error& e) {
        ASSERT_EQ(e.code(), Code::LockTimeout) << e.what();
        ++refused;
      }
  });
  RecordProperty("refused", refused);
}

// Both threads hold one hash when they ask for the other's: the refusal comes at once, not after
// lock_timeout, and the other one goes on.
TEST_P(TransactionThreads, ACircleOfTwoIsRefusedAtOnce) {
  std::atomic<int> holding = 0, refused = 0;
  const auto work = [&](const char* first, const char* second) {
    Transaction tx = store_->begin();
    tx.hashPut(first, "carl", 0);
    for (++holding; holding < 2;) std::this_thread::yield();
    if (failureOf([&] { tx.hashPut(second, "carl", 0); }))
      ++refused;
    else
      tx.commit();
  };
  const auto start = std::chrono::steady_clock::now();
  std::thread one([&] { work("first", "second"); });
  std::thread other([&] { work("second", "first"); });
  one.join();
  other.join();
  EXPECT_EQ(refused, 1);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
  EXPECT_TRUE(store_->hashHas("first", "carl") && store_->hashHas("second", "carl"));
}

TEST_P(TransactionThreads, ReadersSeeAllOfACommitOrNone) {
  std::atomic<bool> done = false;
  std::atomic<int> torn = 0;
  std::thread reader([&] {
    do {
      const auto pair = store_->hashGetMulti("first", {"ann", "bob"});
      if (pair[0]->get<int>() + pair[1]->get<int>() != 200) ++torn;
    } while (!done);
  });
  inThreads([&](Random&) {
    store_->transaction({"first"}, [&](Transaction& tx) { transfer(tx, "first", "first"); });
  });
  done = true;
  reader.join();
  EXPECT_EQ(torn, 0);
}

}  // namespace
}  // namespace hexpage::testing
