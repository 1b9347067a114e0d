#include "filesystem/recovery.hpp"

#include <unistd.h>

#include <algorithm>
#include <iterator>
#include <limits>
#include <set>
#include <string>
#include <utility>

#include "filesystem/file_layout.hpp"
#include "filesystem/folder.hpp"

namespace hexpage {

Recovery::Recovery(int directory, Leases& leases, Checkpoint& checkpoint, RecoverySteps steps)
    : directory_(directory), leases_(leases), checkpoint_(checkpoint), steps_(std::move(steps)) {}

DeadJournal Recovery::open(std::uint32_t place) const {
  return {place, steps_.openJournal(place, JournalAccess::Write)};
}

// --- of all: (5) ---

// A flush that was appended and not synced may be gone after the next crash, so that nothing of it
// may be in place then.
void Recovery::all(JournalPair& own, JournalContent ofOwn) {
  const std::optional<std::uint64_t> onDisk = checkpoint_.stampAfterCrash();
  std::vector<DeadJournal> others = this->others();
  JournalContents contents;
  for (DeadJournal& other : others) contents[other.place()] = std::move(other.content());
  contents[leases_.self()] = std::move(ofOwn);
  if (arrange(contents, !onDisk)) return removeHidden();

  applyTakeOvers(contents);
  own.sync(own.end());
  for (DeadJournal& other : others) other.sync();
  steps_.assume(flushesToPlace(contents, onDisk), onDisk.has_value());
  for (const auto& [place, content] : contents) steps_.redo(content);
  std::vector<Covered> covered;
  for (const DeadJournal& other : others)
    std::ranges::move(other.all(), std::back_inserter(covered));
  steps_.takeOver(covered, [] {});
  steps_.checkpoint();
  remove(others);
  removeHidden();
  checkpoint_.noteMachine();
}

std::vector<DeadJournal> Recovery::others() const {
  std::vector<DeadJournal> others;
  for (const std::uint32_t place : journalPlaces(directory_))
    if (place != leases_.self()) others.push_back(open(place));
  return others;
}

// Lets later stamps be above all that there were; whether nothing is left to be done.
bool Recovery::arrange(const JournalContents& contents, bool hasStayedUp) const {
  std::uint64_t highest = checkpoint_.lastStamp();
  bool isInOrder = hasStayedUp;
  for (const auto& [place, content] : contents) {
    highest = std::max(highest, content.highestStamp());
    isInOrder = isInOrder && content.isInOrder();
  }
  leases_.raiseStamp(highest);
  return isInOrder;
}

void Recovery::tidy(const std::set<std::uint32_t>& places) {
  if (!places.empty()) steps_.checkpoint();
  std::vector<DeadJournal> done;
  for (const std::uint32_t place : places)
    if (DeadJournal journal = open(place); isDone(journal)) done.push_back(std::move(journal));
  remove(done);
  removeHidden();
}

// Its flushes are on disk where no crash needs them again.
bool Recovery::isDone(const DeadJournal& journal) const {
  return journal.content().isInOrder() &&
         journal.content().highestStamp() <= checkpoint_.lastStamp();
}

void Recovery::giveUpDone(std::uint32_t place) {
  DeadJournal journal = open(place);
  if (journal.content().bytes >= kLeftBytes && isDone(journal)) journal.giveUp();
}

// A note is never ahead of the journal that it is about: a crash may leave one of the two files.
void Recovery::remove(std::span<const DeadJournal> journals) const {
  if (journals.empty()) return;
  for (const DeadJournal& journal : journals) checkpoint_.forgetJournal(journal.place());
  checkpoint_.sync();
  for (const DeadJournal& journal : journals)
    for (const char* const turn : {".0", ".1"})
      ::unlinkat(directory_, (kJournals + "/" + std::to_string(journal.place()) + turn).c_str(), 0);
  syncFolder(directory_, kJournals);
  for (const DeadJournal& journal : journals)
    checkpoint_.noteJournal(journal.place(),
                            {journal.end().turn, std::numeric_limits<std::uint64_t>::max()});
}

// What processes that were killed were building.
bool Recovery::hasHidden() const {
  return !entriesOf(directory_, std::string(kHiddenDirectory)).empty();
}

void Recovery::removeHidden() const { removeFolder(directory_, std::string(kHiddenDirectory)); }

// --- of one: (6) ---

void Recovery::dead(std::uint32_t place) {
  DeadJournal dead = open(place);
  const JournalContent& content = dead.content();
  if (content.isInOrder() || finishTakers(dead)) return noteTakenOver(content);
  dead.sync();
  steps_.flush();
  steps_.assume(flushesToPlace(content), false);
  steps_.redo(content);
  leases_.beginTaking(place);
  steps_.takeOver(dead.all(), [&] {
    dead.noteTakenOver(checkpoint_);
    noteTakenOver(content);
  });
  leases_.endTaking(place);
}

// Says so at once: placed once more, later, it would undo what others have changed since.
void Recovery::placeLast(DeadJournal& dead) const {
  const auto& flushes = dead.content().flushes;
  if (flushes.empty() || flushes.back().isPlaced) return;
  steps_.place(flushes.back().writes());
  dead.notePlaced();
}

// Who took over what this one has left, and could not say so here: it has died since, or could not
// place it and writes nothing more. False: nobody did.
bool Recovery::finishTakers(const DeadJournal& dead) {
  for (const std::uint32_t taker : leases_.deadPlaces()) {
    if (taker == dead.place() || !takesOver(taker, dead)) continue;
    this->dead(taker);
    return true;
  }
  for (const std::uint32_t taker : leases_.placesInFlight()) {
    if (!takesOver(taker, dead)) continue;
    finishLast(taker);
    return true;
  }
  return false;
}

// Others only flush meanwhile what is their own, so this may look at a journal in use.
bool Recovery::takesOver(std::uint32_t taker, const DeadJournal& dead) const {
  if (!leases_.mayHaveTaken(taker, dead.place())) return false;
  const auto journal = steps_.openJournal(taker, JournalAccess::Read);
  return dead.isTakenOverBy(readJournal(*journal));
}

// Of one that lives and keeps what else it has, under its leases.
void Recovery::finishLast(std::uint32_t taker) {
  DeadJournal journal = open(taker);
  journal.sync();
  placeLast(journal);
  noteTakenOver(journal.content());
  leases_.endStampOf(taker);
}

// Says in the journals of others what the last flush of this one took over from them.
void Recovery::noteTakenOver(const JournalContent& taker) const {
  if (taker.flushes.empty()) return;
  std::set<std::uint32_t> taken;
  for (const Covered& covered : taker.flushes.back().covered) taken.insert(covered.journal);
  for (const std::uint32_t place : leases_.deadPlaces()) {
    if (!taken.contains(place)) continue;
    DeadJournal dead = open(place);
    if (!dead.content().isInOrder() && dead.isTakenOverBy(taker)) dead.noteTakenOver(checkpoint_);
  }
}

}  // namespace hexpage
