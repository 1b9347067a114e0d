// What all processes apply to a store, from their journals: see ChangeFeed.
//
// 1. The clock is read. 2. Every journal is read to its end, and new ones are found. 3. The batches
// whose time is before that of 1 are told, in the order of their times; the others wait for the
// next pass.
//
// A batch that is missed by 2, because it was appended after its journal was read, is told by the
// next pass. Its process may use what the batch touches until it has appended it, that is until
// after 1. So whatever touches the same later has a later time than 1 and waits for the next pass
// too; there the times say which is first.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <hexpage/change_feed.hpp>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "filesystem/journal_tail.hpp"
#include "support/leases.hpp"

namespace hexpage {

class JournalFeed : public ChangeFeed {
 public:
  // `store` identifies it. What is in the journals by now is not told.
  JournalFeed(int directory, std::uint64_t store, std::shared_ptr<Leases> leases);
  ~JournalFeed() override;

  bool next(const Take& take, Millis timeout) override;

 private:
  using Half = std::pair<std::uint32_t, std::uint32_t>;  // a place, and which of its two files

  struct Found {
    std::uint64_t time = 0;
    std::string batch;
  };

  void pass();
  void openNew();
  void open(std::uint32_t place);
  void read(JournalTail& journal);
  void add(std::string_view body);
  bool isAnyDue() const { return isMissed_ || dueCount_ != 0; }
  bool tell(const Take& take);
  static bool tell(const std::string& encoded, const Take& take);

  const int directory_;
  const std::uint64_t store_;
  const std::shared_ptr<Leases> leases_;
  Hold following_;
  std::map<Half, JournalTail> journals_;
  std::uint64_t expected_ = 0;  // places that are to have journals which are not among these
  std::uint64_t comings_ = 0;   // of the leases; 0 is none
  std::deque<Found> found_;     // not told yet; those that are due come first, in their order
  std::size_t dueCount_ = 0;    // how many are
  bool isMissed_ = false;
  std::uint64_t passedAt_ = 0;  // the last time: of 1
  bool isStarting_ = true;
};

}  // namespace hexpage
