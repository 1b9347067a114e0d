#include "filesystem/journal_feed.hpp"

#include <algorithm>
#include <thread>
#include <vector>

#include "filesystem/batch_frame.hpp"
#include "filesystem/flush_frame.hpp"
#include "filesystem/journal_pair.hpp"
#include "filesystem/recovery_plan.hpp"
#include "support/shared_state.hpp"

namespace hexpage {
namespace {

// Where changes come one after the other, each of their writers would have to wake us, and each
// pass would find but one.
constexpr std::chrono::nanoseconds kPace = std::chrono::milliseconds(1);

constexpr std::uint64_t kNewJournal = 0;  // where the positions of one begin

}  // namespace

// Journals that nobody uses now are read too: who takes one over goes on where it ends.
JournalFeed::JournalFeed(int directory, std::uint64_t store, std::shared_ptr<Leases> leases)
    : directory_(directory), store_(store), leases_(std::move(leases)) {
  following_ = leases_->follow();
  pass();
  isMissed_ = false;
  isStarting_ = false;
}

JournalFeed::~JournalFeed() = default;

bool JournalFeed::next(const Take& take, Millis timeout) {
  if (isAnyDue()) return tell(take);
  const std::uint64_t rested = monotonicNanos() - passedAt_;
  if (timeout.count() > 0 && rested < static_cast<std::uint64_t>(kPace.count()))
    std::this_thread::sleep_for(kPace - std::chrono::nanoseconds(rested));
  // What is found and not due yet is by the next pass.
  const auto look = [this] {
    if (found_.empty()) pass();
    return !found_.empty() || isAnyDue();
  };
  if (timeout.count() == 0 || (leases_->awaitChange(look, timeout) && !isAnyDue())) pass();
  return tell(take);
}

bool JournalFeed::tell(const Take& take) {
  bool isAnyTold = false;
  if (std::exchange(isMissed_, false)) {
    isAnyTold = true;
    take.missed();
  }
  while (dueCount_ > 0) {
    const std::string next = std::move(found_.front().batch);
    found_.pop_front();
    --dueCount_;
    isAnyTold = tell(next, take) || isAnyTold;
  }
  return isAnyTold;
}

bool JournalFeed::tell(const std::string& encoded, const Take& take) {
  if (encoded == encode(Batch())) {  // what changed is not known
    take.missed();
    return true;
  }
  const Batch batch = decodeChanges(encoded);
  if (batch.changes.empty()) return false;
  take.batch(batch);
  return true;
}

void JournalFeed::pass() {
  passedAt_ = monotonicNanos();
  openNew();
  for (auto& [half, journal] : journals_) read(journal);
  const auto isDue = [this](const Found& found) { return found.time < passedAt_; };
  const auto due = std::stable_partition(found_.begin(), found_.end(), isDue);
  std::stable_sort(found_.begin(), due,
                   [](const Found& a, const Found& b) { return a.time < b.time; });
  dueCount_ = static_cast<std::size_t>(due - found_.begin());
}

// A process takes its place before it makes its journals, and makes them before it applies
// anything. It may have come and gone since the last pass.
void JournalFeed::openNew() {
  const std::uint64_t comings = leases_->comings();
  for (std::uint32_t place = 0; place < kPlaces; ++place)
    if (leases_->isTaken(place)) expected_ |= bitOf(place);
  if (std::exchange(comings_, comings) != comings)
    for (const std::uint32_t place : journalPlaces(directory_)) open(place);
  for (std::uint32_t place = 0; place < kPlaces; ++place)
    if ((expected_ & bitOf(place)) != 0) open(place);
}

void JournalFeed::open(std::uint32_t place) {
  bool isWhole = true;
  for (const std::uint32_t half : {0u, 1u}) {
    if (journals_.contains({place, half})) continue;
    auto journal = JournalTail::open(directory_, journalFile(place, half),
                                     journalIdentity(store_, place, half),
                                     isStarting_ ? std::nullopt : std::optional(kNewJournal));
    if (journal)
      journals_.emplace(Half(place, half), std::move(*journal));
    else
      isWhole = false;
  }
  if (isWhole) expected_ &= ~bitOf(place);
}

// A time that is yet to come is of another clock: of before a start of the machine, or of another
// name space. Then what counts is when it was read.
void JournalFeed::read(JournalTail& journal) {
  const std::size_t before = found_.size();
  const bool isWhole = journal.read([&](Journal::Kind kind, std::string_view body) {
    if (kind == Journal::Kind::Batch && parseBatchFrame(body).batch != encode(Batch())) add(body);
    if (kind == Journal::Kind::Flush)
      if (const FlushHead head = decodeFlushHead(body); !head.told.empty()) add(head.told);
  });
  isMissed_ = isMissed_ || !isWhole;
  const std::uint64_t now = monotonicNanos();
  const auto first = found_.begin() + static_cast<std::ptrdiff_t>(before);
  if (isStarting_)
    found_.erase(
        std::remove_if(first, found_.end(), [&](const Found& one) { return one.time > now; }),
        found_.end());
  for (auto one = first; one != found_.end(); ++one) one->time = std::min(one->time, now);
}

void JournalFeed::add(std::string_view body) {
  const BatchFrame frame = parseBatchFrame(body);
  if (isStarting_ && frame.time < passedAt_) return;
  found_.push_back({frame.time, std::string(frame.batch)});
}

}  // namespace hexpage
