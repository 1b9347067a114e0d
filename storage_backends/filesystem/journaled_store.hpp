// The RecordStore of the filesystem backend: records are changed in memory, logged in the journal
// of this process, and placed in their files later, together. Any number of processes work on one
// store: what a process has changed under a lease is in its files before another gets the lease.
//
// Invariants of the commit protocol:
//  (1) Commit. One frame, the batch, is appended to the journal before any reader can see what it
//      makes; all that can fail comes before, or fails with it. At "power" the call returns after
//      an fdatasync of the journal, which it waits for outside of all locks of the store.
//  (2) Every `sync_interval` with something new the journal is synced.
//  (3) Flush. What is dirty is cut off, as of a position of the journal. A stamp is announced as in
//      flight and taken; a frame has the stamp, the position, and the whole new content of each
//      record; it is on disk before the first record is placed. Then a frame says that all are;
//      until it does, no lease is given back, and a place that is left is left to be recovered.
//      Nothing is placed before a frame that can place it again is durable.
//  (4) Checkpoint. S is the oldest stamp in flight of all processes, less one. The files are on
//      disk before S is. A turn of the journal is given up only after that, and only when none of
//      its flushes has a stamp above S. Nothing is forgotten before it is in place on disk.
//  (5) A store opened by nobody else is recovered as after a crash of the machine unless (7) holds.
//      All journals are synced: of a flush whose frame may be lost nothing is placed. The flushes
//      above S, in the order of their stamps, count as placed; to that, of each journal, the
//      batches after its last flush are applied. What of the flushes these have not changed is
//      placed, then the rest by a frame that covers all other journals: their flushes are in place
//      with it too. That is synced and checkpointed; then the old turns are given up.
//  (6) A process that dies while others go on leaves its leases marked. Who takes one of them first
//      syncs the dead journal. Its last flush counts as placed, and the batches after it are
//      applied to that. What of the flush these have not changed is placed, then the rest by a
//      frame that has nothing else, and says whose batches it covers and how far; then the dead
//      journal says so too. One process recovers at a time. Who got no further than that frame has
//      died since, or could not place it: then it appends nothing more, and its stamp stays in
//      flight. Either way that frame is placed before anything else is done with the dead journal,
//      and both journals say so: a frame is never placed again once others may have changed what it
//      holds.
//  (7) While the machine has stayed up, who opens the store alone leaves each journal that does not
//      end in order to (6), as if its process died now: with the leases of all that its last flush,
//      if it was stopped, and the batches after it have changed. The journals tell which.
//      Not so when two of them tell the same lease, when a frame has taken over a journal which
//      does not say so, when a hash was being built, which nobody is to see, or when the disk is
//      nearly full: then (5). It writes into no such journal itself, and syncs them all.
// A kill between any two steps leaves a store that (5) or (6) takes to the state after the last
// frame that was appended whole; a loss of power, to one after a prefix of each journal's frames.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <hexpage/error.hpp>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "filesystem/checkpoint.hpp"
#include "filesystem/dirty_records.hpp"
#include "filesystem/file_layout.hpp"
#include "filesystem/file_store.hpp"
#include "filesystem/flush_frame.hpp"
#include "filesystem/journal_content.hpp"
#include "filesystem/journal_pair.hpp"
#include "filesystem/left_changes.hpp"
#include "filesystem/recovery.hpp"
#include "filesystem/room.hpp"
#include "filesystem/store_directory.hpp"
#include "paged/record_store.hpp"
#include "support/fork_watch.hpp"

namespace hexpage {

struct JournaledStoreOptions {
  std::string baseDir;
  FileLayout layout;
  bool syncsCommits = false;  // durability "power"
  Millis syncInterval{1000};  // 0: every commit is in its files when it returns
  Millis lockTimeout{30'000};
  std::optional<bool> checksums;  // nullopt: where the filesystem can hold them
  DirectoryRules directory;
};

class JournaledStore : public RecordStore {
 public:
  // Makes the directory if need be. Throws InvalidArgument for one of another layout.
  explicit JournaledStore(const JournaledStoreOptions& options);
  ~JournaledStore() override;

  void recover(Redo redo) override;

  Claim claim(std::span<const std::string_view> paths, LockMode mode, bool withStructure) override;
  Claim claimStructure(LockMode mode) override;
  Claim claimAll() override;

  std::optional<StoredRecord> read(std::string_view path) override;
  std::optional<CheckedRecord> readChecked(std::string_view path) override {
    return files_->readChecked(path);
  }
  void seal(std::string_view path, Children children) override { files_->seal(path, children); }
  bool isCurrent(std::string_view path, const VersionPtr& version) override;
  std::optional<std::uint64_t> size(std::string_view path) override;
  Committed commit(std::vector<RecordWrite> writes, const Origin& origin) override;
  void awaitDurable(LogPosition position) override;
  void sync() override;
  std::unique_ptr<ChangeFeed> follow() override;
  std::unique_ptr<RecordStore> frozen() override;

  void walk(std::string_view root, std::string_view after,
            const std::function<Walk(std::string_view path)>& visit) override;
  void remember(std::string_view path) override { files_->remember(path); }
  bool tellsPaths() const override { return options_.layout.rawFilePaths; }
  std::string fileOf(std::string_view path) override { return options_.layout.fileOf(path); }
  std::vector<std::string> files(std::string_view folder) override { return files_->files(folder); }
  std::string readFile(const std::string& file) override { return files_->readFile(file); }
  std::string quarantine(const std::string& file, Aside aside) override {
    return files_->quarantine(file, aside);
  }
  Locks& locks() override { return *locks_; }

 private:
  static constexpr std::uint64_t kLeastTurnBytes = std::uint64_t{192} << 10;
  // No flush has covered the turn before yet.
  static constexpr std::uint64_t kNoStampYet = std::numeric_limits<std::uint64_t>::max();

  JournalAccess ownAccess() const;
  std::unique_ptr<JournalPair> openJournal(std::uint32_t place, JournalAccess access) const;
  void recordLayout();
  void lookWhatIsLeft();
  LeaseEvents leaseEvents();
  void close() noexcept;

  void recoverAlone(JournalContent own);
  void leave(const LeftByAll& left);
  void syncLeft();
  RecoverySteps recoverySteps();
  void recoverDead(std::uint32_t place);
  void takeOver(const std::vector<Covered>& journals, const std::function<void()>& note);
  void assume(const Flushes& flushes, bool isAfterCrash);
  void placeAssumed();
  void redo(const JournalContent& content);

  Claim claimSlots(std::vector<std::uint32_t> slots, LockMode mode, std::string_view name);
  LogPosition appendBatch(std::string_view batch);
  using Versions = std::vector<std::shared_ptr<Version>>;
  static Versions versionsOf(const std::vector<RecordWrite>& writes);
  LogPosition append(std::string_view batch, std::vector<RecordWrite>& writes,
                     const Versions& versions, bool isRemovalOnly);
  LogPosition appendOnce(std::string_view batch, std::vector<RecordWrite>& writes,
                         const Versions& versions, bool isRemovalOnly, bool isAgain);
  Committed commitFiles(std::vector<RecordWrite> writes, const Origin& origin);
  void awaitRoom(std::unique_lock<std::mutex>& lock, const std::vector<RecordWrite>& writes,
                 bool isRemovalOnly, bool isAgain);
  std::size_t workOf(std::size_t records, std::size_t newFiles) const;
  std::size_t workOfDirty() const;
  void wantFlush();
  std::uint64_t beginOldestStamp(std::unique_lock<std::mutex>& flushing);
  bool areOlderSettled(std::uint64_t stamp) const;
  void refuseWhenBroken() const;
  void breakDown();

  // What the calling thread has to do with: redone_ while it redoes.
  DirtyRecords& dirty() { return redoing_ == std::this_thread::get_id() ? redone_ : dirty_; }

  // Under flushing_.
  void flush();
  void flushOnce();
  void flushInNewTurn();
  void tryFlush();
  void withRoom(const std::function<void()>& work);
  void placeCut();
  std::vector<Stamp> placeApart(std::uint64_t stamp, const std::vector<RecordWrite>& writes,
                                const std::vector<Covered>& covered, const std::string& told,
                                const std::function<void()>& conclude);
  void noteFlush(std::uint64_t stamp);
  bool mayEndTurn();
  bool isTurnFull() const;
  std::uint64_t turnBytes() const;
  void checkpoint(std::uint64_t settled = 0);

  void flushNow() noexcept;
  void giveUpJournals(const std::set<std::uint32_t>& places) noexcept;
  void runBackground();

  const JournaledStoreOptions options_;
  const Error noMemory_{Code::Io, "no memory to write what was changed into its files"};
  ForkWatch forked_{[] {}};
  Fd directory_;
  Fd own_;  // `.hexpage`
  std::unique_ptr<Checkpoint> checkpoint_;
  std::unique_ptr<FileStore> files_;
  std::unique_ptr<JournalPair> journal_;
  std::unique_ptr<Recovery> recovery_;
  std::unique_ptr<LeftByAll> left_;  // until it is recovered; null after a crash of the machine
  std::unique_ptr<Locks> locks_;
  Redo redo_;
  Claim::SlotOf slotOf_;

  std::mutex flushing_;              // one flush or recovery at a time; taken before mutex_
  std::uint64_t stampInFlight_ = 0;  // of a cut that is logged and not placed; 0: none
  LogPosition coveredUpTo_;          // the batches before are in a flush
  std::uint64_t highestStamp_ = 0;   // of this process's flushes
  std::uint64_t checkpointed_ = 0;   // the flushes up to this stamp are on disk
  std::uint64_t stampToGiveUp_ = 0;  // when they are up to this one, the last turn may be given up
  bool isPressed_ = false;           // a turn is to end, as the disk is full
  std::uint64_t recoveries_ = 0;
  std::atomic<std::uint64_t> lastFrozen_{0};
  std::atomic<std::thread::id> redoing_;  // who applies batches of a dead process
  // What they make, until it is placed; cut off what they were applied to.
  DirtyRecords redone_;

  std::mutex unsyncedMutex_;
  std::set<std::uint32_t> unsynced_;  // places whose journals have what is not on disk yet

  mutable std::mutex mutex_;  // of what is below, and of what is appended to the journal
  DirtyRecords dirty_;
  std::size_t processes_ = 1;  // that had the store open when it was looked last
  std::unique_ptr<Room> room_;
  std::optional<Error> failure_;       // of the last flush; thrown anew to each who waits
  bool lacksMemory_ = false;           // was the reason
  std::atomic<bool> isBroken_{false};  // nothing more is to be written
  std::set<std::uint32_t> recovered_;  // places whose journals may be needed no more
  bool isClosing_ = false;
  bool wantsFlush_ = false;
  std::unique_ptr<std::condition_variable> changed_ = std::make_unique<std::condition_variable>();

  std::unique_ptr<std::thread> background_;
  std::shared_ptr<Leases> leases_;  // last: gives leases back while the rest is there
};

}  // namespace hexpage
