// What all processes apply to a binary store, from its log: see ChangeFeed. Told is what is
// published, so whoever reads sees it, in the order of the log.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <hexpage/change_feed.hpp>
#include <hexpage/kv.hpp>
#include <memory>
#include <optional>

#include "binary/batch_reader.hpp"
#include "support/leases.hpp"

namespace hexpage {

// The store, and how often it was opened.
struct OpenedStore {
  kv::Database& database;
  std::uint64_t openings = 0;
};

class LogFeed : public ChangeFeed {
 public:
  // `now` gives the store as it is open when it is called. What was committed by now is not told.
  LogFeed(std::function<OpenedStore()> now, std::shared_ptr<Leases> leases);

  bool next(const Take& take, Millis timeout) override;

 private:
  using Clock = std::chrono::steady_clock;

  void begin();
  bool look();
  bool tell(const Take& take);
  bool tellBatch(const Take& take);

  const std::function<OpenedStore()> now_;
  const std::shared_ptr<Leases> leases_;
  const Hold following_;
  std::uint64_t openings_ = 0;
  std::optional<kv::Tail> tail_;
  std::optional<BatchReader> reader_;  // of what comes in tail_
  bool isLost_ = false;                // what comes next can not be told
  Clock::time_point told_;             // the last time
};

}  // namespace hexpage
