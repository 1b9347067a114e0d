// What is done with the journals of processes that have died: (5) and (6) of journaled_store.hpp.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <vector>

#include "filesystem/checkpoint.hpp"
#include "filesystem/dead_journal.hpp"
#include "filesystem/recovery_plan.hpp"
#include "paged/record_store.hpp"
#include "support/leases.hpp"

namespace hexpage {

constexpr std::size_t kLeftBytes = std::size_t{2} << 20;  // in a journal that is done with

// How the store that recovers does its part.
struct RecoverySteps {
  std::function<std::unique_ptr<JournalPair>(std::uint32_t place, JournalAccess access)>
      openJournal;
  // Puts the writes into their files.
  std::function<void(std::span<const RecordWrite> writes)> place;
  // Lets what is redone find the flushes as if they were in place.
  std::function<void(const Flushes& flushes, bool isAfterCrash)> assume;
  // Applies the batches that the content has. When it throws, nothing was redone.
  std::function<void(const JournalContent& content)> redo;
  // Flushes what is dirty.
  std::function<void()> flush;
  // Places what was assumed, but for what was changed since; then what was redone, by a frame that
  // takes over the journals; then calls `note`, for they must not be redone again. When it throws
  // after the frame is in the journal, this store appends nothing more, and its stamp stays in
  // flight.
  std::function<void(const std::vector<Covered>& journals, const std::function<void()>& note)>
      takeOver;
  // Syncs the files, and notes up to which stamp they are.
  std::function<void()> checkpoint;
};

// Nothing else of the store is flushed or recovered while one of its calls runs.
class Recovery {
 public:
  // The leases and the checkpoint outlive it.
  Recovery(int directory, Leases& leases, Checkpoint& checkpoint, RecoverySteps steps);

  // (5) Whatever anybody has left, while nobody else has the store open. `own` is the journal of
  // this process's place, with what it has.
  void all(JournalPair& own, JournalContent ofOwn);
  // The same when nothing is left: removes what is not needed any more, with the journals of these
  // places.
  void tidy(const std::set<std::uint32_t>& places);
  // Whether processes that were killed were building hashes.
  bool hasHidden() const;
  // (6) What one process has left, while others go on. Nobody else recovers any meanwhile.
  void dead(std::uint32_t place);
  // Makes the journal of a place that nobody has or takes meanwhile short, if nothing that it holds
  // is needed since the last checkpoint.
  void giveUpDone(std::uint32_t place);

 private:
  std::vector<DeadJournal> others() const;
  bool arrange(const JournalContents& contents, bool hasStayedUp) const;
  bool isDone(const DeadJournal& journal) const;
  void remove(std::span<const DeadJournal> journals) const;
  void removeHidden() const;

  DeadJournal open(std::uint32_t place) const;
  void placeLast(DeadJournal& dead) const;
  bool takesOver(std::uint32_t taker, const DeadJournal& dead) const;
  bool finishTakers(const DeadJournal& dead);
  void finishLast(std::uint32_t taker);
  void noteTakenOver(const JournalContent& taker) const;

  const int directory_;
  Leases& leases_;
  Checkpoint& checkpoint_;
  const RecoverySteps steps_;
};

}  // namespace hexpage
