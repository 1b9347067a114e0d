// Who is let in when: NamedLock by itself, without threads.
#include "support/named_lock.hpp"

#include <gtest/gtest.h>

namespace hexpage {
namespace {

using Turns = NamedLock::Turns;

constexpr Millis kNow{5000};
constexpr Millis kLater = kNow + NamedLock::kPatience;

struct NamedLockTest : ::testing::Test {
  static Turns turn(LockMode mode) {
    Turns one;
    one.emplace_back(mode, LockOwner{0}, kNow);
    return one;
  }
  Turns::iterator hold(LockMode mode) {
    Turns one = turn(mode);
    const auto place = one.begin();
    lock.hold(one);
    return place;
  }
  Turns::iterator join(LockMode mode, Millis now = kNow) {
    Turns one = turn(mode);
    const auto place = one.begin();
    lock.join(one, now);
    return place;
  }
  // Those that wait and would come in, by their places in the queue.
  std::vector<std::size_t> letIn(const std::vector<Turns::iterator>& places) {
    std::vector<std::size_t> in;
    for (std::size_t i = 0; i < places.size(); ++i)
      if (lock.isTurnOf(places[i])) in.push_back(i);
    return in;
  }

  NamedLock lock;
};

TEST_F(NamedLockTest, ReadersShareAndAWriterIsAlone) {
  EXPECT_TRUE(lock.isOpenTo(LockMode::Exclusive, kNow));
  const auto reader = hold(LockMode::Shared);
  EXPECT_TRUE(lock.isOpenTo(LockMode::Shared, kNow));
  EXPECT_FALSE(lock.isOpenTo(LockMode::Exclusive, kNow));
  lock.free(reader);
  EXPECT_TRUE(lock.isIdle());
  hold(LockMode::Exclusive);
  EXPECT_FALSE(lock.isOpenTo(LockMode::Shared, kNow));
}

TEST_F(NamedLockTest, TheFirstOfTheQueueIsLetInFirst) {
  const auto holder = hold(LockMode::Exclusive);
  const std::vector places{join(LockMode::Exclusive), join(LockMode::Exclusive)};
  EXPECT_EQ(letIn(places), std::vector<std::size_t>{});
  lock.free(holder);
  EXPECT_EQ(letIn(places), std::vector<std::size_t>{0});
}

// Each release handed the lock to one that slept, and woke all others for nothing: two threads that
// put into one hash took ten times as long as one, and eight a hundred times.
TEST_F(NamedLockTest, WhoComesWhileItIsFreeGoesInBeforeThoseWhoSleep) {
  lock.free(hold(LockMode::Exclusive));
  join(LockMode::Exclusive);
  EXPECT_TRUE(lock.isOpenTo(LockMode::Exclusive, kNow));
}

TEST_F(NamedLockTest, NotOnceTheFirstHasWaitedForAMoment) {
  const auto first = join(LockMode::Exclusive);
  EXPECT_FALSE(lock.isOpenTo(LockMode::Exclusive, kLater));
  EXPECT_FALSE(lock.isOpenTo(LockMode::Shared, kLater));
  EXPECT_TRUE(lock.isTurnOf(first));
}

TEST_F(NamedLockTest, TheNextIsPatientAgain) {
  const auto first = join(LockMode::Exclusive);
  join(LockMode::Exclusive);
  Turns left;
  lock.leave(first, left, kLater);
  EXPECT_EQ(left.size(), 1u);
  EXPECT_TRUE(lock.isOpenTo(LockMode::Exclusive, kLater));
  EXPECT_FALSE(lock.isOpenTo(LockMode::Exclusive, kLater + NamedLock::kPatience));
}

TEST_F(NamedLockTest, OneThatGivesUpFurtherBackChangesNothing) {
  join(LockMode::Exclusive);
  const auto second = join(LockMode::Exclusive);
  Turns left;
  lock.leave(second, left, kLater);
  EXPECT_FALSE(lock.isOpenTo(LockMode::Exclusive, kLater));
}

TEST_F(NamedLockTest, WhoStaysAwakeIsTheFirst) {
  const auto first = join(LockMode::Exclusive);
  const auto second = join(LockMode::Exclusive);
  EXPECT_TRUE(lock.staysAwake(first));
  EXPECT_FALSE(lock.staysAwake(second));
}

}  // namespace
}  // namespace hexpage
