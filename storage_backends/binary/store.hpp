// An open store: the log, the index over it, and who may write. A transaction's life:
//
//  1. Take the lane. If another process had it, follow the log to its end first.
//  2. Append frames (Appender). A crash here leaves frames without a commit; who takes the lane or
//     opens the store next cuts them off.
//  3. Append the last frame, which commits. From here on the transaction is there, even if the
//     process ends now: who comes next finds it behind the published end.
//  4. Apply it to the index.
//  5. Publish the new end to the other processes, which follow it when they next read.
//  6. Give the lane back; in "power", wait for an fdatasync, one for all who wait.
//
// When 2 or 3 fails nothing was done. When 4 fails the transaction is there all the same: whoever
// reads or writes next applies it again, or fails as well, so that nobody sees a part of it. The
// caller is told of the failure, but for a lack of memory, which harms him no more. When an
// fdatasync fails the store refuses further writes until it is opened anew.
#pragma once

#include <deque>
#include <functional>
#include <hexpage/error.hpp>
#include <hexpage/kv.hpp>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <thread>

#include "binary/appender.hpp"
#include "binary/change.hpp"
#include "binary/checkpoint.hpp"
#include "binary/frame_check.hpp"
#include "binary/frame_reader.hpp"
#include "binary/index.hpp"
#include "binary/lane.hpp"
#include "binary/log.hpp"
#include "binary/log_keys.hpp"
#include "binary/reclaimer.hpp"
#include "binary/shared_state.hpp"
#include "binary/with_room.hpp"
#include "filesystem/ballast.hpp"
#include "support/group_sync.hpp"

namespace hexpage::kv {

class Store : public std::enable_shared_from_this<Store> {
 public:
  static std::shared_ptr<Store> open(const std::string& directory, const Options& options);
  ~Store();

  // Reads; any thread.
  std::optional<std::string> get(TreeId tree, std::string_view key);
  bool contains(TreeId tree, std::string_view key);
  bool read(TreeId tree, std::string_view key, const Database::Reader& reader);
  std::vector<std::optional<std::string>> getMany(TreeId tree,
                                                  std::span<const std::string_view> keys);
  void look(const std::function<void(const View&)>& work);
  std::uint64_t count(TreeId tree);
  std::shared_ptr<const Index::Snapshot> snapshot();
  // The same, and the end of the log that it is right for.
  std::pair<std::shared_ptr<const Index::Snapshot>, Lsn> snapshotWithEnd();
  // To which all is committed and applied by now, by any process.
  Lsn published() const;
  // From an end of the log that was published.
  Tail tail(Lsn from);
  // Of an end of the log that is there; "" when it is not any more. The caller is in an epoch or
  // has a snapshot.
  std::string nameOf(Lsn end) const;
  // As Snapshot::eachChangeSince(), up to an end.
  bool eachChange(std::string_view moment, Lsn end,
                  const std::function<void(TreeId tree, std::string_view key)>& each) const;
  // In a snapshot of this store.
  std::optional<std::string> get(const Roots& roots, TreeId tree, std::string_view key);

  // Writes.
  static void requireSizes(std::string_view key, const Pieces& value);
  void set(TreeId tree, std::string_view key, const Pieces& value,
           const std::function<void()>& visible);
  bool erase(TreeId tree, std::string_view key);
  // As Database::makeRoom().
  bool makeRoom(Use use);
  template <class Write>
  auto withRoom(Use use, Write write) {
    return writeWithRoom([&] { return makeRoom(use); }, std::move(write));
  }
  LaneHold beginWriting();  // throws unless the store can be written
  // Steps 3 to 5 of what the appender has, by who holds the lane.
  struct Committed {
    Lsn end;
    Transaction::Counts counts;
  };
  Committed commit(std::span<const Change> changes, std::span<const TreeSize> sizes = {});
  // By who holds the lane, in the place of a commit or after one that threw.
  void rollback();
  // Step 6.
  void makeDurable(Lsn end);

  void sync();
  void checkpoint();
  void compact(const Database::Progress& progress);
  void verify(Report& report);
  Stats stats();
  std::vector<SegmentInfo> segments();
  void close();

  // For who holds the lane or reads in an epoch.
  const Options& options() const { return options_; }
  Log& log() { return *log_; }
  Index& index() { return *index_; }
  Appender& appender() { return *appender_; }
  Reclaimer& reclaimer() { return reclaimer_; }
  // Throws Corrupt when reads are to be checked and this one would be wrong.
  ParsedRecord checkedRecord(Address address) const {
    check_.check(*log_, address);
    return log_->record(address);
  }
  std::uint64_t hashOf(std::string_view key) const { return keys_->hashOf(key); }
  // The address of the record, or 0; its value holds while the caller is in an epoch or
  // has a snapshot.
  Address find(const Roots& roots, TreeId tree, std::uint64_t hash, std::string_view key,
               std::string_view& value) const;

 private:
  friend class Opening;

  explicit Store(const Options& options) : options_(options), check_(options.verifyReads) {}

  void requireOpen() const;
  Lsn setOnce(const Record& record, std::uint64_t hash, ReadyFrame& frame);
  std::optional<Lsn> eraseOnce(TreeId tree, std::string_view key);
  void followPublished();
  void follow(Lsn end);
  void catchUp(Lsn end);
  bool applyUpTo(Lsn end, Lsn removable = {});
  void applyWhole(std::span<const FrameReader::Found> frames);
  void openNewSegments(std::uint64_t upTo);
  void removeUnborn();
  void reload();
  void onLaneTaken();
  Transaction::Counts apply(const Record& record, std::uint64_t hash, Address address);
  void reserveFor(std::span<const TreeSize> sizes);
  void applyAll(std::span<const Change> changes, std::span<const TreeSize> sizes,
                Transaction::Counts& counts);
  void countUnapplied(std::span<const Change> changes, Transaction::Counts& counts) const noexcept;
  Transaction::Counts applyChange(const Change& change);
  bool applySet(TreeId tree, std::uint64_t hash, Address address,
                std::optional<std::string_view> key = std::nullopt);
  template <class Apply>
  void show(Lsn end, std::size_t changes, Apply apply);
  void prefetch(TreeId tree, std::uint64_t hash) const;
  void leaveToFollow(Lsn end);
  std::uint64_t drop(TreeId tree);
  bool countDropped(std::size_t pages);
  bool countSomeDropped();
  void countDropped();
  void forgetDropped();
  void countDeadIn(Directory& directory, std::size_t i);
  void countDead(Address address);
  void countTombstone(Address address);
  void publish(Lsn end);
  void fail(const std::string& why);
  // Here, or in another process.
  bool hasFailed() const;
  std::string failure() const;
  void syncTo(Lsn position);
  void syncOnce(GroupSync::Lock& lock, Lsn target);
  void verifySegment(const Segment& segment, std::uint64_t limit, bool isTail,
                     Report& report) const;
  void verifyTree(const Roots& roots, TreeId tree, Report& report) const;
  void keep();
  void keepOnce();
  void startKeeper();
  void finish();
  void takeBallast();
  void forgetRemoved();
  void writeIndex(std::span<const std::uint64_t> leaving);
  void writeIndexWithout(std::span<const std::uint64_t> leaving);
  void withIndexFile(const std::function<void()>& work);
  bool lockShared(SharedLock lock, Millis timeout);
  std::optional<std::uint64_t> worthCompacting(const std::set<std::uint64_t>& left) const;
  void compactIfWorthwhile();
  bool compactForRoom(Use use);
  bool giveBack(std::uint64_t number);
  std::optional<std::uint64_t> bestToCompact(Use use, const std::set<std::uint64_t>& left);
  bool awaitRoom(std::uint64_t before);
  std::optional<Error> compactAll(const Database::Progress& progress);
  void sealLast();
  FrameReader readerOf(const Segment& segment) const;
  static void requireWhole(const Segment& segment, const FrameReader& reader);
  bool compactSegment(const Segment& segment, bool hasOlder);
  bool compactUndamaged(Segment& segment, bool hasOlder, std::optional<Error>* damage = nullptr);
  struct Candidate {
    Record record;
    Address address = 0;
  };
  void markRemoval(std::span<const std::uint64_t> leaving);
  void appendMark(std::vector<std::uint64_t> staying = {});
  void removeSegments(std::span<const std::uint64_t> numbers);
  bool moveLive(std::span<const Candidate> records, bool hasOlder);
  void moveInIndex(const Candidate& from, Address to);
  bool isNeeded(const Record& record, Address address, bool hasOlder) const;
  bool dropsWhatIsThere(const Record& record) const;

  Options options_;
  FrameCheck check_;
  std::string path_;
  Fd directory_;
  std::unique_ptr<SharedState> shared_;
  std::unique_ptr<Ballast> ballast_;
  Reclaimer reclaimer_;
  std::unique_ptr<Log> log_;
  std::unique_ptr<LogKeys> keys_;
  std::unique_ptr<Index> index_;
  std::unique_ptr<Checkpointer> checkpointer_;
  std::unique_ptr<Appender> appender_;
  std::unique_ptr<Lane> lane_;

  std::atomic<std::uint64_t> applied_{0};   // LSN: the index knows the log up to here
  std::atomic<std::uint64_t> applying_{0};  // odd while several changes are being applied
  std::atomic<bool> isClosed_{false};
  mutable std::mutex failureMutex_;
  std::string failure_;
  std::atomic<bool> hasFailed_{false};

  // Large trees that were dropped, whose records are still to be counted as dead. Each keeps its
  // epoch, and so the log and the index file as they were.
  struct Dropped {
    Dropped(Directory* which, std::uint64_t when) : directory(which), epoch(when) {}

    Directory* directory;
    std::uint64_t epoch;
    std::size_t at = 0;                  // where in the directory the counting goes on
    std::atomic<bool> isCounted{false};  // by whom the index was taken over from
  };
  std::deque<Dropped> dropped_;  // changed under the index's lock
  std::mutex countingMutex_;     // taken before that

  std::mutex checkpointMutex_;
  std::mutex compactionMutex_;
  std::atomic<std::uint64_t> checkpointed_{0};  // LSN
  std::atomic<std::uint64_t> seenRemovals_{0};

  std::mutex syncMutex_;
  GroupSync durable_;  // LSN
  bool isDirectorySynced_ = false;
  std::atomic<std::uint64_t> marked_{0};  // LSN: the log says that it is durable up to here

  std::thread keeper_;
};

}  // namespace hexpage::kv
