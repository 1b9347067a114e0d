// What is applied to a store, by whatever process, batch by batch: Backend::follow().
#pragma once

#include <functional>
#include <hexpage/batch.hpp>
#include <hexpage/types.hpp>

namespace hexpage {

// For one thread at a time. The backend outlives it.
class ChangeFeed {
 public:
  virtual ~ChangeFeed() = default;

  struct Take {
    // A batch that was applied, without the changes of it that changed nothing. Hidden paths come
    // like any others.
    std::function<void(const Batch& batch)> batch;
    // Changes before what is told next can not be told: the store keeps no more than the last ones,
    // or somebody has changed it by other means than batches.
    std::function<void()> missed;
  };

  // Tells every batch that was applied since the last call, or since the feed was made, once: those
  // that touch one path in the order in which they were applied. What has just been applied may
  // wait for the next call. When there is none, waits at most so long for some. False when nothing
  // was told. A batch counts as told when `take` throws; what comes behind it is told by the next
  // call.
  virtual bool next(const Take& take, Millis timeout) = 0;
};

}  // namespace hexpage
