// Opening a store: what is there is found out under the writer's lock. Who opens it first after a
// crash cuts what no commit covers; a log that is damaged before its known end is refused instead.
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <hexpage/error.hpp>
#include <iterator>
#include <random>

#include "binary/marks.hpp"
#include "binary/store.hpp"
#include "filesystem/store_directory.hpp"
#include "support/uninterrupted.hpp"

namespace hexpage::kv {

class Opening {
 public:
  Opening(Store& store, const std::string& path) : store_(store), options_(store.options_) {
    store.path_ = path;
  }

  void run() {
    requireOptions();
    openDirectory();
    while (!openOnce()) continue;
  }

 private:
  // False when it has to be done anew: without the file `lock` the store belonged to nobody, but
  // somebody made one meanwhile, and may have changed what was being read.
  bool openOnce() {
    store_.shared_ = std::make_unique<SharedState>(store_.directory_.get(), !options_.readOnly,
                                                   options_.fileMode);
    const auto wasJoined = [&] {
      return !store_.shared_->hasFile() && SharedState::isThere(store_.directory_.get());
    };
    try {
      openUnderLocks();
    } catch (const Error&) {
      if (!wasJoined()) throw;
      return false;
    }
    return !wasJoined();
  }

  void openUnderLocks() {
    isLocked_ = takeWriterLock();
    try {
      isAlone_ = takePresence();
      for (int tries = 0;; ++tries) {
        try {
          isFirst_ = isLocked_ && (isAlone_ || !store_.shared_->isFromThisBoot());
          openLog();
          replay();
          break;
        } catch (const SegmentMissing&) {
          // It may have been removed while it was looked for.
          if (isFirst_ || tries == kTries) throw;
        }
      }
    } catch (...) {
      if (isLocked_) store_.shared_->unlock(SharedLock::Writer);
      throw;
    }
    if (isLocked_) store_.shared_->unlock(SharedLock::Writer);
  }

  SharedPage& page() { return store_.shared_->page(); }

  void requireOptions() const {
    if (options_.segmentBytes < (64u << 10) || options_.segmentBytes > kMaxSegmentBytes)
      throw Error(Code::InvalidArgument, "segmentBytes must be 64 KiB to 64 MiB, not " +
                                             std::to_string(options_.segmentBytes));
    requireMode("fileMode", options_.fileMode, Modes().file);
    requireMode("directoryMode", options_.directoryMode, Modes().directory);
  }

  static void requireMode(const std::string& option, unsigned mode, unsigned least) {
    if (mode <= 0777 && (mode & least) == least) return;
    throw Error(Code::InvalidArgument,
                option + " must be rights as 0600, the owner's to read and write among them");
  }

  void openDirectory() {
    DirectoryRules rules;
    rules.modes = {options_.fileMode, options_.directoryMode};
    rules.allowsShared = options_.allowSharedDirectory;
    rules.allowsNetwork = options_.allowNetworkFilesystem;
    rules.sharedSetting = "Options::allowSharedDirectory";
    rules.networkSetting = "Options::allowNetworkFilesystem";
    store_.directory_ = options_.create && !options_.readOnly
                            ? openStoreDirectory(store_.path_, rules)
                            : openDirectoryThere(store_.path_, rules);
  }

  // False when another process is writing: the store is open there, and what it has published is
  // enough to begin with.
  bool takeWriterLock() {
    const auto end = std::chrono::steady_clock::now() + options_.lockTimeout;
    SharedState& shared = *store_.shared_;
    while (!shared.tryLock(SharedLock::Writer, !shared.isWritable())) {
      if (shared.isFromThisBoot()) return false;
      if (std::chrono::steady_clock::now() >= end)
        throw Error(Code::LockTimeout, store_.path_ +
                                           ": another process is writing for longer "
                                           "than the lock timeout");
      const std::uint32_t seen = page().wake;
      if (shared.isWritable()) page().isWanted = 1;
      shared.wake();
      shared.sleep(shared.isWritable() ? seen + 1 : seen, 10);
    }
    return true;
  }

  // Whether nobody else has the store open. Who finds that out has the lock for a moment.
  bool takePresence() {
    const auto end = std::chrono::steady_clock::now() + options_.lockTimeout;
    SharedState& shared = *store_.shared_;
    const bool isAlone =
        isLocked_ && !options_.readOnly && shared.tryLock(SharedLock::Presence, false);
    while (!shared.tryLock(SharedLock::Presence, true)) {
      if (std::chrono::steady_clock::now() >= end)
        throw Error(Code::LockTimeout, store_.path_ + ": another process is opening the store");
      shared.sleep(page().wake, 1);
    }
    return isAlone;
  }

  void openLog() {
    store_.checkpointer_.reset();
    store_.forgetDropped();
    store_.index_.reset();
    store_.reclaimer_.freeAll();
    store_.seenRemovals_ = page().removals.load();  // before the files are listed
    const std::vector<std::uint64_t> numbers = segments();
    LogSettings settings;
    settings.directory = store_.directory_.get();
    settings.path = store_.path_;
    settings.isWritable = !options_.readOnly;
    settings.fileMode = options_.fileMode;
    settings.zeroAhead = options_.durability == Durability::Power;
    settings.segmentBytes = options_.segmentBytes;
    if (numbers.empty()) {
      requireNoLogBefore();
      if (options_.readOnly || !options_.create || !isFirst_)
        throw Error(Code::InvalidArgument, "there is no store in " + store_.path_);
      std::random_device device;
      settings.store = std::uint64_t{device()} << 32 | device();
      settings.hashSeed = std::uint64_t{device()} << 32 | device();
    } else {
      const auto first = Segment::open(settings.directory, numbers.front(), false);
      if (!first) throw SegmentMissing(segmentFile(numbers.front()));
      settings.store = first->header().store;
      settings.hashSeed = first->header().hashSeed;
    }
    store_.log_ = std::make_unique<Log>(settings, store_.reclaimer_);
    store_.keys_ = std::make_unique<LogKeys>(*store_.log_, settings.hashSeed, store_.check_);
    store_.index_ = std::make_unique<Index>(*store_.keys_, store_.reclaimer_);
    store_.index_->setLimit(options_.indexCacheBytes);
    store_.checkpointer_ =
        std::make_unique<Checkpointer>(settings.directory, settings.fileMode, *store_.index_,
                                       store_.reclaimer_, store_.log_->room());
    store_.appender_ = std::make_unique<Appender>(*store_.log_);
    for (const std::uint64_t number : numbers)
      if (!store_.log_->open(number)) throw SegmentMissing(segmentFile(number));
    // The oldest are removed first: a list without gaps of its own has what they erased.
    if (!isFirst_ && segments() != numbers) throw SegmentMissing(store_.path_ + ": a segment");
    if (numbers.empty()) beginLog();
  }

  // While others have the store open, those behind what is published may be taken back.
  std::vector<std::uint64_t> segments() {
    std::vector<std::uint64_t> numbers = segmentNumbers(store_.directory_.get());
    if (!isFirst_)
      std::erase_if(numbers, [end = Lsn{page().committed.load()}](std::uint64_t number) {
        return number > end.segment();
      });
    else
      leaveOutLost(numbers);
    return numbers;
  }

  // A log that others tell of is not begun anew in silence.
  void requireNoLogBefore() const {
    const bool hasIndex =
        ::faccessat(store_.directory_.get(), kIndexFile, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
    if (hasIndex || store_.shared_->page().committed != 0) throw SegmentMissing(segmentFile(1));
  }

  void beginLog() {
    removeLost();
    store_.log_->begin(0, Use::Growth);
    store_.index_->reserve(0, options_.expectedRecords);
    store_.log_->last()->sync();
    syncFolder(store_.directory_.get(), "");
  }

  // A loss of power may take headers of segments that were not on disk yet. What is behind the
  // first of these does not count, even what is whole: it came later.
  void leaveOutLost(std::vector<std::uint64_t>& numbers) {
    const int directory = store_.directory_.get();
    const auto first = std::find_if(numbers.begin(), numbers.end(), [&](std::uint64_t number) {
      return Segment::isUnborn(directory, number);
    });
    if (first != numbers.end() && first == numbers.begin()) requireBirth(numbers);
    lost_.assign(std::make_reverse_iterator(numbers.end()), std::make_reverse_iterator(first));
    numbers.erase(first, numbers.end());
  }

  // The first segment is on disk before anything is written to it.
  void requireBirth(const std::vector<std::uint64_t>& numbers) const {
    if (numbers == std::vector<std::uint64_t>{1} &&
        Segment::isBlank(store_.directory_.get(), numbers.front()))
      return;
    throw Error(Code::Corrupt, store_.path_ + "/" + segmentFile(numbers.front()) +
                                   ": the header is damaged; `hexpage repair` saves what can be "
                                   "read into a new store");
  }

  // Once it is known that nothing is missing without them. From the last on, so that they are lost
  // still when this does not come to its end; and for good, before others have these names.
  void removeLost() {
    if (lost_.empty()) return;
    for (const std::uint64_t number : lost_) {
      const std::string file = segmentFile(number);
      if (::unlinkat(store_.directory_.get(), file.c_str(), 0) != 0) throwSystem("remove", file);
    }
    syncFolder(store_.directory_.get(), "");
    lost_.clear();
  }

  void replay() {
    Segment* const last = store_.log_->last();
    const bool isRestored = store_.checkpointer_->restore(*store_.log_, !options_.readOnly);
    const Lsn start = isRestored
                          ? store_.checkpointer_->restored()
                          : Lsn::of(store_.log_->segments().front()->number(), kSegmentHeaderBytes);
    store_.checkpointed_ = isRestored ? start.value : 0;
    const Lsn published{store_.shared_->isFromThisBoot() ? page().committed.load() : 0};
    store_.applied_ = start.value;
    const Lsn limit = isFirst_ ? Lsn::of(last->number(), last->fileBytes()) : published;
    if (!applyUpTo(limit, isRestored) && !isFirst_)
      throw SegmentMissing(store_.path_ + ": a segment");
    const Lsn end{store_.applied_};
    if (isFirst_ || end < published) requireUndamaged(end, published);
    if (isFirst_ && !options_.readOnly) takeOver(end, limit);
    store_.log_->leaveOut(end);
    store_.durable_.setSynced(start.value);
    guessRecordSize();
    store_.marked_ = isRestored && end == start ? end.value : 0;
  }

  // Without the index all of the log is read. The segments that are missing in it were compacted,
  // if the last compaction's mark has them not.
  bool applyUpTo(Lsn limit, bool isRestored) {
    if (isRestored) return store_.applyUpTo(limit);
    const std::vector<Segment*> segments = store_.log_->segments();
    const bool isWhole =
        segments.front()->number() == 1 && segments.back()->number() == segments.size();
    return store_.applyUpTo(limit, isWhole ? Lsn() : requireWhatStayed());
  }

  // Where the last compaction's mark is. What it has was on disk then; without one nothing was ever
  // removed, and the first segment was on disk before all others.
  Lsn requireWhatStayed() const {
    Lsn last;
    std::vector<std::uint64_t> stayed{1};
    for (const Segment* const segment : store_.log_->segments())
      forEachMark(*segment, kSegmentHeaderBytes, [&](Lsn at, const Mark& mark) {
        if (mark.segments.empty()) return;
        last = at;
        stayed = mark.segments;
      });
    for (const std::uint64_t number : stayed)
      if (store_.log_->find(number) == nullptr) throw SegmentMissing(segmentFile(number));
    return last;
  }

  // For prefetching, until records are written.
  void guessRecordSize() {
    std::uint64_t bytes = 0;
    for (const Segment* const segment : store_.log_->segments()) bytes += segment->written();
    const std::uint64_t records = store_.index_->records(store_.index_->roots(), 0);
    if (records != 0)
      store_.log_->usualLines =
          static_cast<unsigned>(std::min<std::uint64_t>(bytes / records / 64 + 1, 12));
  }

  void requireUndamaged(Lsn end, Lsn published) const {
    // Marks are looked for only where the log does not simply end.
    const bool isAtEnd =
        lost_.empty() && store_.log_->after(end.segment()) == nullptr && isZeroFrom(end);
    const Lsn marked = isAtEnd ? Lsn() : std::max(markedBehind(end), markedIn(lost_));
    if (end >= std::max(published, marked)) return;
    const std::string witness = end < marked ? "" : ", as " + store_.path_ + "/lock says";
    throw Error(Code::Corrupt, store_.path_ + "/" + segmentFile(end.segment()) +
                                   ": the log is damaged at byte " + std::to_string(end.offset()) +
                                   " or behind it, and whole transactions come after that" +
                                   witness +
                                   "; `hexpage repair` saves what can be read into a new store");
  }

  bool isZeroFrom(Lsn end) const {
    const Segment* const segment = store_.log_->find(end.segment());
    const std::string_view all(segment->data(), segment->fileBytes());
    return all.find_first_not_of('\0', end.offset()) == all.npos;
  }

  // Up to where the marks behind a place say that the log was on disk.
  Lsn markedBehind(Lsn end) const {
    Lsn highest;
    for (const Segment* const segment : store_.log_->segments())
      if (segment->number() >= end.segment())
        highest = std::max(
            highest, markedIn(*segment, segment->number() == end.segment() ? end.offset()
                                                                           : kSegmentHeaderBytes));
    return highest;
  }

  // In segments that the log has not, those with a header.
  Lsn markedIn(const std::vector<std::uint64_t>& numbers) const {
    Lsn highest;
    for (const std::uint64_t number : numbers) {
      if (Segment::isUnborn(store_.directory_.get(), number)) continue;
      const auto segment = Segment::open(store_.directory_.get(), number, false);
      if (segment) highest = std::max(highest, markedIn(*segment, kSegmentHeaderBytes));
    }
    return highest;
  }

  static Lsn markedIn(const Segment& segment, std::uint64_t from) {
    Lsn highest;
    forEachMark(segment, from,
                [&](Lsn, const Mark& mark) { highest = std::max(highest, mark.durable); });
    return highest;
  }

  void takeOver(Lsn end, Lsn limit) {
    removeLost();
    if (end < limit) {
      store_.log_->cut(end);
      // Else what was cut could come back behind what is written now.
      store_.log_->last()->sync();
    }
    if (page().hasFailed != 0 && store_.shared_->isFromThisBoot())
      writeAgain({page().durable.load()});
    page().hasFailed = 0;
    page().durable = 0;
    store_.publish(end);
    store_.shared_->claimBoot();
  }

  // What a sync that failed was to bring to disk: it is in the system's memory, which takes it for
  // written.
  void writeAgain(Lsn from) {
    for (Segment* const segment : store_.log_->segments())
      if (segment->number() >= from.segment())
        segment->writeAgain(segment->number() == from.segment() ? from.offset() : 0);
  }

  static constexpr int kTries = 100;

  Store& store_;
  const Options& options_;
  bool isLocked_ = false;
  bool isAlone_ = false;
  std::vector<std::uint64_t> lost_;  // from the last on
  bool isFirst_ = false;             // the log's end is to be found; nobody writes
};

std::shared_ptr<Store> Store::open(const std::string& directory, const Options& options) {
  std::shared_ptr<Store> store(new Store(options));
  Opening(*store, directory).run();
  store->lane_ =
      std::make_unique<Lane>(*store->shared_, [raw = store.get()] { raw->onLaneTaken(); });
  if (options.readOnly) return store;
  store->takeBallast();
  store->startKeeper();
  return store;
}

}  // namespace hexpage::kv
