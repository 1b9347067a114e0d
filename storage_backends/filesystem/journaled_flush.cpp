// How a JournaledStore brings what is dirty into its files, and when: steps (3) and (4) of its
// commit protocol.
#include <algorithm>
#include <hexpage/error.hpp>

#include "filesystem/disk_room.hpp"
#include "filesystem/journaled_store.hpp"
#include "support/at_end.hpp"

namespace hexpage {
namespace {

constexpr std::uint64_t kTurnBytes = std::uint64_t{32} << 20;
constexpr std::uint64_t kTurnShare = 8;  // of what is free

}  // namespace

// --- flush: (3) ---

// By a new turn of the journal when there is no room for more of this one.
void JournaledStore::flush() {
  try {
    withRoom([&] { flushOnce(); });
    return;
  } catch (const Error& e) {
    if (e.code() != Code::NoSpace || isBroken_) throw;
  }
  flushInNewTurn();
}

void JournaledStore::flushInNewTurn() {
  isPressed_ = true;
  const AtEnd relax([this] { isPressed_ = false; });
  flushOnce();
}

// Again, when the disk is full, with the room of the files that are kept to be written over, and
// then with the ballast's.
void JournaledStore::withRoom(const std::function<void()>& work) {
  bool hasSpares = true;  // work that fails may leave some again
  for (;;) {
    try {
      return work();
    } catch (const Error& e) {
      if (e.code() != Code::NoSpace) throw;
    }
    hasSpares = hasSpares && files_->giveSparesBack();
    if (!hasSpares && !room_->giveBallast()) return work();
    hasSpares = false;
  }
}

void JournaledStore::flushOnce() {
  refuseWhenBroken();
  placeCut();
  const bool endsTurn = mayEndTurn();
  {
    std::lock_guard lock(mutex_);
    if (dirty_.count() == 0) return;
    const LogPosition end = journal_->end();
    if (endsTurn) {
      journal_->beginTurn();
      stampToGiveUp_ = kNoStampYet;
    }
    dirty_.cut();
    coveredUpTo_ = end;
    wantsFlush_ = false;
    changed_->notify_all();  // there is room
  }
  try {
    stampInFlight_ = leases_->beginStamp();
    const FlushParts parts({stampInFlight_, coveredUpTo_.offset, {}}, dirty_.lastCut());
    const LogPosition end = endsTurn
                                ? journal_->appendToLastTurn(Journal::Kind::Flush, parts.parts())
                                : journal_->append(Journal::Kind::Flush, parts.parts());
    journal_->sync(end);
  } catch (...) {
    std::lock_guard lock(mutex_);
    dirty_.takeBack();
    if (stampInFlight_ != 0) leases_->endStamp();
    stampInFlight_ = 0;
    throw;
  }
  room_->measureAgain();
  if (stampToGiveUp_ == kNoStampYet) stampToGiveUp_ = stampInFlight_;
  placeCut();
}

// Again when it has failed before: the frame is in the journal. Once all is placed, only its end is
// left to be said.
void JournaledStore::placeCut() {
  if (stampInFlight_ == 0) return;
  const std::vector<Stamp> stamps = files_->place(dirty_.lastCut());
  {
    std::lock_guard lock(mutex_);
    dirty_.dropCut(stamps);
    changed_->notify_all();  // there is room
  }
  noteFlush(stampInFlight_);
  leases_->endStamp();
  stampInFlight_ = 0;
}

// Places what is not among the dirty records, with a frame of its own, while no other is in flight.
// Once the frame is there, whoever comes after this process would place it: when it can not be
// placed and concluded here, nothing comes behind it.
std::vector<Stamp> JournaledStore::placeApart(std::uint64_t stamp,
                                              const std::vector<RecordWrite>& writes,
                                              const std::vector<Covered>& covered,
                                              const std::string& told,
                                              const std::function<void()>& conclude) {
  LogPosition end;
  try {
    refuseWhenBroken();
    const bool isOfThisTurn = coveredUpTo_.turn == journal_->end().turn;
    const FlushParts parts({stamp, isOfThisTurn ? coveredUpTo_.offset : 0, covered, told}, writes);
    end = journal_->append(Journal::Kind::Flush, parts.parts());
  } catch (...) {
    leases_->endStamp();
    throw;
  }
  try {
    journal_->sync(end);
    std::vector<Stamp> placed;
    withRoom([&] { placed = files_->place(writes); });
    noteFlush(stamp);
    conclude();
    leases_->endStamp();
    return placed;
  } catch (const std::exception& e) {
    breakDown();
    throw Error(Code::Io, e.what());  // whatever it was, it is no failure without effect
  }
}

void JournaledStore::breakDown() {
  std::lock_guard lock(mutex_);
  isBroken_ = true;
  changed_->notify_all();
}

void JournaledStore::noteFlush(std::uint64_t stamp) {
  highestStamp_ = stamp;
  journal_->append(Journal::Kind::Placed, encodePlaced(stamp));
  if (const auto synced = journal_->noteSynced())
    checkpoint_->noteJournal(leases_->self(), *synced);
}

// --- checkpoint: (4) ---

// `settled`: the flushes up to there are in place, though one that comes later may have announced
// no more yet than that it is above the last.
void JournaledStore::checkpoint(std::uint64_t settled) {
  settled = std::max(settled, leases_->settledStamp());
  files_->sync();
  checkpoint_->raise(settled);
  checkpointed_ = settled;
}

bool JournaledStore::mayEndTurn() {
  if (!isPressed_ && !isTurnFull()) return false;
  if (!journal_->keepsLastTurn()) return true;
  if (checkpointed_ < stampToGiveUp_) checkpoint();
  if (checkpointed_ < stampToGiveUp_) return false;
  journal_->giveUpLastTurn(turnBytes());
  return true;
}

// For others than the background later: nobody is to wait for a checkpoint.
bool JournaledStore::isTurnFull() const {
  if (!background_) return false;
  const bool isBackground = background_->get_id() == std::this_thread::get_id();
  const std::uint64_t bytes = journal_->size() / (isBackground ? 1 : 2);
  return bytes >= kLeastTurnBytes && bytes >= turnBytes();
}

// Little where the disk has little room.
std::uint64_t JournaledStore::turnBytes() const {
  return std::clamp(freeBytes(directory_.get()) / kTurnShare, kLeastTurnBytes, kTurnBytes);
}

// --- when it is due ---

void JournaledStore::sync() {
  syncLeft();
  std::lock_guard flushing(flushing_);
  const LogPosition end = journal_->end();
  flush();
  journal_->sync(end);  // a flush that had something to do has done it; its own word may be lost
}

// A flush whose failure is told by the next commit.
void JournaledStore::flushNow() noexcept {
  std::optional<Error> failure;
  bool lacksMemory = false;
  {
    std::lock_guard flushing(flushing_);
    try {
      flush();
    } catch (const Error& e) {
      failure = e;
    } catch (const std::exception& e) {
      lacksMemory = true;
      failure = noMemory_;
    }
  }
  std::lock_guard lock(mutex_);
  failure_ = std::move(failure);
  lacksMemory_ = lacksMemory;
  wantsFlush_ = false;
  changed_->notify_all();
}

void JournaledStore::runBackground() {
  const Millis interval = std::max(options_.syncInterval, Millis(1));
  try {
    syncLeft();
  } catch (const std::exception&) {  // sync() will tell
  }
  std::unique_lock lock(mutex_);
  while (!isClosing_) {
    changed_->wait_for(lock, interval, [this] { return isClosing_ || wantsFlush_; });
    processes_ = leases_->takenPlaces();
    if (isClosing_) return;
    const bool isDirty = dirty_.count() != 0 || failure_;
    const std::set<std::uint32_t> recovered = std::exchange(recovered_, {});
    lock.unlock();
    if (isDirty) {
      flushNow();
      room_->takeBallast();
    }
    if (!recovered.empty()) giveUpJournals(recovered);
    lock.lock();
  }
}

// Of processes that were recovered, so that the disk does not stay full of what large loads have
// left. What is not given up here is when the store is opened by nobody else. Who begins to follow
// the store may have the files open: they stay.
void JournaledStore::giveUpJournals(const std::set<std::uint32_t>& places) noexcept {
  try {
    if (leases_->isFollowed()) return;  // somebody may not have read them yet
    {
      const std::lock_guard flushing(flushing_);
      checkpoint();
    }
    for (const std::uint32_t place : places)
      leases_->whileFree(place, [&] {
        const std::lock_guard flushing(flushing_);
        if (!leases_->isFollowed()) recovery_->giveUpDone(place);
      });
  } catch (const std::exception&) {
  }
}

}  // namespace hexpage
