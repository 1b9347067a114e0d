#include "filesystem/left_changes.hpp"

#include <algorithm>
#include <exception>

#include "filesystem/batch_frame.hpp"
#include "filesystem/flush_frame.hpp"
#include "support/helping_thread.hpp"
#include "support/path_rules.hpp"
#include "support/shared_state.hpp"

namespace hexpage {
namespace {

// Follows a journal frame by frame.
class Reader {
 public:
  explicit Reader(const LeftChanges::Slots& slots) : slots_(slots) {}

  void operator()(const JournalPair::Frame& frame) {
    left_.turns.insert(frame.begin.turn);
    left_.bytes += frame.end.offset - frame.begin.offset;
    switch (frame.kind) {
      case Journal::Kind::Begin:
        break;
      case Journal::Kind::Batch:
        batch(frame);
        break;
      case Journal::Kind::Flush:
        flush(frame);
        break;
      case Journal::Kind::Placed:
        endFlush();
        break;
      case Journal::Kind::Covers:
        last_.clear();
        endFlush();
        break;
    }
  }

  LeftChanges take() {
    left_.slots = std::move(inFlight_);
    for (const auto& [slot, end] : last_) left_.slots.insert(slot);
    return std::move(left_);
  }

 private:
  void batch(const JournalPair::Frame& frame) {
    eachTouchedPath(parseBatchFrame(frame.body).batch, [&](const TouchedPath& touched) {
      last_[slots_.ofHash(touched.path)] = frame.end;
      if (!touched.isOfItems) last_[slots_.ofStructure] = frame.end;
      if (isHidden(touched.path)) last_[LeftChanges::kHidden] = frame.end;
    });
  }

  void flush(const JournalPair::Frame& frame) {
    const FlushHead head = decodeFlushHead(frame.body);
    endFlush();  // it was placed, or there were no other
    left_.highestStamp = left_.stampInFlight = head.stamp;
    left_.isOfItsBatches = head.covered.empty() && head.told.empty();
    left_.takenOver.insert(left_.takenOver.end(), head.covered.begin(), head.covered.end());
    const LogPosition upTo{frame.begin.turn, head.coversUpTo};
    for (const auto& [slot, end] : last_)
      if (end <= upTo) inFlight_.insert(slot);
    std::erase_if(last_, [&](const auto& one) { return one.second <= upTo; });
  }

  void endFlush() {
    inFlight_.clear();
    left_.stampInFlight = 0;
    left_.isOfItsBatches = true;
  }

  const LeftChanges::Slots& slots_;
  LeftChanges left_;
  std::map<std::uint32_t, LogPosition> last_;  // where a batch that is in no flush ends, by slot
  std::set<std::uint32_t> inFlight_;           // slots of those in the last flush
};

}  // namespace

LeftChanges readLeftChanges(JournalPair& journal, const LeftChanges::Slots& slots) {
  Reader reader(slots);
  journal.scan([&](const JournalPair::Frame& frame) { reader(frame); });
  return reader.take();
}

LeftByAll::LeftByAll(int directory, const OpenJournal& openJournal,
                     const LeftChanges::Slots& slots) {
  const std::set<std::uint32_t> all = journalPlaces(directory);
  const std::vector<std::uint32_t> places(all.begin(), all.end());
  std::vector<LeftChanges> found(places.size());
  std::vector<std::exception_ptr> failures(places.size());
  HelpingThread helper;
  helper.share(places.size(), [&](std::size_t i) {
    try {
      found[i] = readLeftChanges(*openJournal(places[i]), slots);
    } catch (...) {
      failures[i] = std::current_exception();
    }
  });
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (failures[i]) std::rethrow_exception(failures[i]);
    journals_[places[i]] = std::move(found[i]);
  }
}

bool LeftByAll::isInOrder() const {
  return std::ranges::all_of(journals_, [](const auto& one) { return one.second.isInOrder(); });
}

bool LeftByAll::isInOrder(std::uint32_t place) const {
  const auto found = journals_.find(place);
  return found == journals_.end() || found->second.isInOrder();
}

std::uint64_t LeftByAll::highestStamp() const {
  std::uint64_t highest = 0;
  for (const auto& [place, left] : journals_) highest = std::max(highest, left.highestStamp);
  return highest;
}

std::set<std::uint32_t> LeftByAll::doneAbove(std::uint64_t bytes, std::uint32_t except) const {
  std::set<std::uint32_t> done;
  for (const auto& [place, left] : journals_)
    if (left.isInOrder() && left.bytes > bytes && place != except) done.insert(place);
  return done;
}

std::set<std::uint32_t> LeftByAll::left() const {
  std::set<std::uint32_t> places;
  for (const auto& [place, left] : journals_)
    if (!left.isInOrder()) places.insert(place);
  return places;
}

std::optional<std::uint32_t> LeftByAll::placeInOrder() const {
  for (const auto& [place, left] : journals_)
    if (left.isInOrder()) return place;
  for (std::uint32_t place = 0; place < kPlaces; ++place)
    if (!journals_.contains(place)) return place;
  return std::nullopt;
}

bool LeftByAll::isApart() const {
  std::set<std::uint32_t> slots;
  for (const auto& [place, left] : journals_) {
    if (!left.isOfItsBatches || left.slots.contains(LeftChanges::kHidden)) return false;
    for (const std::uint32_t slot : left.slots)
      if (!slots.insert(slot).second) return false;
  }
  return !isTakenOverInPart();
}

bool LeftByAll::isTakenOverInPart() const {
  for (const auto& [place, left] : journals_)
    for (const Covered& covered : left.takenOver) {
      const auto found = journals_.find(covered.journal);
      if (found != journals_.end() && !found->second.isInOrder() &&
          found->second.turns.contains(covered.turn))
        return true;
    }
  return false;
}

void LeftByAll::leaveTo(Leases& leases) const {
  for (const auto& [place, left] : journals_) {
    if (left.isInOrder()) continue;
    const std::vector<std::uint32_t> slots(left.slots.begin(), left.slots.end());
    leases.leaveDead(place, slots, left.stampInFlight);
  }
}

}  // namespace hexpage
