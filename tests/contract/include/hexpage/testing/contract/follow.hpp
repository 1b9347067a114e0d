// follow(): every batch that is applied, once and in its order.
#pragma once

#include <hexpage/testing/contract/fixture.hpp>

namespace hexpage::testing {

TEST_P(Contract, WhoFollowsIsToldWhatIsAppliedInItsOrder) {
  makeHash("users", {{"ann", "1"}});
  const auto feed = backend().follow();
  if (!feed) GTEST_SKIP() << "can not be followed";
  apply(Batch{});
  apply(Batch{}.add(Put{"users", "bob", "2"}).add(Remove{"users", "none"}));
  applyOne(Remove{"users", "ann"});
  applyOne(Remove{"users", "ann"});
  std::vector<std::size_t> changes;
  bool isMissed = false;
  const ChangeFeed::Take take{
      .batch = [&](const Batch& batch) { changes.push_back(batch.changes.size()); },
      .missed = [&] { isMissed = true; }};
  while (feed->next(take, Millis(0))) {
  }
  EXPECT_EQ(changes, (std::vector<std::size_t>{1, 1}));
  EXPECT_FALSE(isMissed);
}

}  // namespace hexpage::testing
