// The locks of the user's own: names, modes, and who owns an item's.
#include <atomic>
#include <thread>

#include "tests/support/stores.hpp"

namespace hexpage::testing {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

using UserLocks = HashApi;
INSTANTIATE_TEST_SUITE_P(Stores, UserLocks,
                         ::testing::Values(inMemory(), rawFiles(), binaryStore()), storeName);

TEST_P(UserLocks, AreHeldUntilTheyAreDestroyed) {
  {
    const Lock lock = storage().lock("mine");
    EXPECT_EQ(lock.name(), "mine");
    EXPECT_FALSE(storage().tryLock("mine"));
    EXPECT_FALSE(storage().tryLock("mine", LockMode::Shared));
    EXPECT_TRUE(storage().tryLock("other"));
  }
  EXPECT_TRUE(storage().tryLock("mine"));
  Lock lock = storage().lock("mine");
  lock.unlock();
  EXPECT_TRUE(storage().tryLock("mine"));
}

TEST_P(UserLocks, AreSharedAmongReaders) {
  const Lock one = storage().lockShared("mine"), other = storage().lockShared("mine");
  EXPECT_TRUE(storage().tryLock("mine", LockMode::Shared));
  EXPECT_FALSE(storage().tryLock("mine"));
}

TEST_P(UserLocks, TimeOutWithTheirName) {
  const Lock lock = storage().lock("mine");
  EXPECT_EQ(failureOf([&] { storage().lock("mine", LockMode::Exclusive, 5ms); }),
            Code::LockTimeout);
  EXPECT_NE(messageOf([&] { storage().lockShared("mine", 5ms); }).find("mine"), std::string::npos);
}

TEST_P(UserLocks, LockNoHash) {
  const Lock lock = storage().lock("users"), item = storage().lockItem("users", "ann");
  storage().hashPut("users", "ann", 1);
  EXPECT_EQ(storage().hashGet("users", "ann"), 1);
}

TEST_P(UserLocks, RefuseBadNames) {
  const std::string long_(1025, 'x');
  for (const std::string& name : {std::string(), std::string("a\nb"), std::string("\xff"),
                                  std::string("item:users:ann"), long_})
    EXPECT_EQ(failureOf([&] { storage().lock(name); }), Code::InvalidArgument) << name;
  EXPECT_EQ(failureOf([&] { storage().lockItem("users", ""); }), Code::InvalidArgument);
  EXPECT_EQ(failureOf([&] { storage().lockItem("../x", "k"); }), Code::InvalidArgument);
}

TEST_P(UserLocks, OfAnItemAreTakenAgainByTheirThread) {
  std::optional<Lock> one = storage().lockItem("users", "ann");
  std::optional<Lock> again = storage().lockItem("Users", "ann", 0ms);
  const Lock other = storage().lockItem("users", "bob");
  const auto isFreeForOthers = [&] {
    bool isFree = false;
    std::thread([&] {
      isFree = !failureOf([&] { storage().lockItem("users", "ann", 0ms); });
    }).join();
    return isFree;
  };
  EXPECT_FALSE(isFreeForOthers());
  one.reset();
  EXPECT_FALSE(isFreeForOthers());
  again.reset();
  EXPECT_TRUE(isFreeForOthers());
}

TEST_P(UserLocks, OfAnItemMayBeFreedByAnotherThread) {
  Lock lock = storage().lockItem("users", "ann");
  std::thread([moved = std::move(lock)]() mutable { moved.unlock(); }).join();
  bool isFree = false;
  std::thread([&] {
    isFree = !failureOf([&] { storage().lockItem("users", "ann", 0ms); });
  }).join();
  EXPECT_TRUE(isFree);
}

TEST_P(UserLocks, OfItemsInACircleOfThreadsAreNotWaitedFor) {
  std::atomic<int> holding = 0, refused = 0;
  const auto work = [&](const char* first, const char* second) {
    const Lock one = storage().lockItem("users", first);
    for (++holding; holding < 2;) std::this_thread::yield();
    if (failureOf([&] { storage().lockItem("users", second, 60s); }) == Code::LockTimeout)
      ++refused;
  };
  std::thread one([&] { work("ann", "bob"); });
  std::thread other([&] { work("bob", "ann"); });
  one.join();
  other.join();
  EXPECT_EQ(refused, 1);
}

TEST_P(UserLocks, OfItemsLetThreadsCountExactly) {
  int counter = 0;  // no atomic: the lock is what guards it
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t)
    threads.emplace_back([&] {
      for (int n = 0; n < 50; ++n) {
        const Lock outer = storage().lockItem("users", "ann", 60s);
        const Lock inner = storage().lockItem("users", "ann", 60s);
        ++counter;
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(counter, 150);
}

}  // namespace
}  // namespace hexpage::testing
