// What all processes of a store have to know after a crash of the machine: who the store is, and up
// to which stamp everything that was flushed is in its files on disk. `.hexpage/checkpoint`.
//
// The file has two slots of 64 bytes, 4096 apart, each with a checksum. They are written in turn,
// so that one of them is whole whenever the power fails. From 8192 on it has a mark for each
// journal.
#pragma once

#include <cstdint>
#include <optional>

#include "filesystem/posix.hpp"
#include "paged/record_store.hpp"

namespace hexpage {

struct CheckpointState {
  std::uint64_t sequence = 0;
  std::uint64_t store = 0;
  std::uint64_t stamp = 0;
  std::uint64_t machine = 0;
};

// One thread at a time; safe between processes.
class Checkpoint {
 public:
  // If `makesIt`, makes the file of a new store when there is none; nobody else may do so at the
  // same time. Throws Corrupt when neither slot is whole.
  Checkpoint(int directory, bool makesIt, const Modes& modes = {});
  // The same for who only reads it, while nobody else may write.
  static Checkpoint read(int directory);

  // Tells the store's journals from those of another store.
  std::uint64_t store() const { return state_.store; }
  // The flushes up to this stamp are on disk, as it was read last.
  std::uint64_t lastStamp() const { return state_.stamp; }
  // The same when the machine may have crashed since the store was opened by nobody the last time:
  // then other flushes may be in the files or not. nullopt when it has stayed up.
  std::optional<std::uint64_t> stampAfterCrash() const;
  // Makes it durable that they are; the caller has synced them.
  void raise(std::uint64_t stamp);
  // The store's files are in order, on this machine as it runs now.
  void noteMachine();

  // The journal of the place is on disk up to the position. Not synced: whatever a loss of power
  // leaves is true too. What fails changes nothing.
  void noteJournal(std::uint32_t place, LogPosition upTo) noexcept;
  // Any journal of the place is believed then. Not synced.
  void forgetJournal(std::uint32_t place);
  // Makes what was noted and forgotten durable.
  void sync();
  // A journal that ends before is an old version that was put back.
  std::optional<LogPosition> journalNote(std::uint32_t place) const;

 private:
  Checkpoint(int directory, Fd file);
  void loadWhole();
  bool load();
  void save();

  const int directory_;
  Fd file_;
  CheckpointState state_;
};

}  // namespace hexpage
