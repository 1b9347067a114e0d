#include "filesystem/journaled_store.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <hexpage/error.hpp>
#include <map>
#include <numeric>
#include <utility>

#include "filesystem/batch_frame.hpp"
#include "filesystem/disk_room.hpp"
#include "filesystem/folder.hpp"
#include "filesystem/journal_feed.hpp"
#include "filesystem/linked_store.hpp"
#include "filesystem/merged_walk.hpp"
#include "support/at_end.hpp"
#include "support/batch_codec.hpp"
#include "support/beneath.hpp"
#include "support/process_locks.hpp"
#include "support/quiet_thread.hpp"
#include "support/siphash.hpp"
#include "support/structure.hpp"

namespace hexpage {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint32_t kHashSlots = 1024;
constexpr std::uint32_t kStructureSlot = kHashSlots;
constexpr std::uint32_t kFirstWriterSlot = kStructureSlot + 1;
constexpr std::uint32_t kSlots = kFirstWriterSlot + kHashSlots;

// How much may be dirty before a flush begins. Commits wait for it when it is several times as
// much, and the work also when it is that together with what is being placed: whoever opens the
// store after a crash has all of that to do, for each process that had it open.
constexpr std::size_t kDirtyWork = 5000;  // files that are changed, or so many of new ones
constexpr std::size_t kWorkOfNew = 3;
constexpr std::size_t kDirtyBytes = std::size_t{32} << 20;
constexpr std::size_t kMostTimesBytes = 2;
constexpr std::size_t kMostTimesWork = 3;
constexpr std::size_t kBlockBytes = 4096;
constexpr std::uint64_t kLaterWrites = 2;                         // of large records, kept room for
constexpr std::uint64_t kRoomToLeave = std::uint64_t{256} << 20;  // see lookWhatIsLeft()
constexpr std::uint64_t kFilesToLeave = 20'000;
constexpr int kTriesForRoom = 2;  // there are two halves of the journal

Fd openOwn(int directory, const Modes& modes) {
  const std::string own(kOwnDirectory);
  if (::faccessat(directory, kJournals.c_str(), F_OK, AT_SYMLINK_NOFOLLOW) != 0) {
    makeParents(directory, kJournals + "/0", modes);
    syncFolder(directory, "");
    syncFolder(directory, own);
  }
  Fd fd = openFolder(directory, own);
  if (!fd) throwSystem("open", own);
  return fd;
}

}  // namespace

// --- opening and closing ---

JournaledStore::JournaledStore(const JournaledStoreOptions& options)
    : options_(options), directory_(openStoreDirectory(options.baseDir, options.directory)) {
  checkLayout(options_.baseDir, options_.layout);
  own_ = openOwn(directory_.get(), options_.directory.modes);
  leases_ = std::make_shared<Leases>(
      own_.get(), kSlots, leaseEvents(),
      LeaseOptions{.fileMode = options_.directory.modes.file, .openTimeout = options_.lockTimeout});
  const bool isNew = leases_->wasAlone() && journalPlaces(directory_.get()).empty();
  checkpoint_ = std::make_unique<Checkpoint>(directory_.get(), isNew, options_.directory.modes);
  if (leases_->wasAlone()) recordLayout();
  slotOf_ = [key = SipKey{checkpoint_->store(), 0}](std::string_view path) {
    return static_cast<std::uint32_t>(sipHash(path, key) % kHashSlots);
  };
  if (leases_->wasAlone() && !checkpoint_->stampAfterCrash()) lookWhatIsLeft();
  const std::string place = std::to_string(leases_->self());
  const std::string spares = std::string(kOwnDirectory) + "/spares/" + place;
  files_ = std::make_unique<FileStore>(
      directory_.get(),
      FileStoreOptions{options_.baseDir, options_.layout, spares, checkpoint_->store(),
                       options_.checksums, options_.directory.modes});
  LinkedStore::removeLeft(directory_.get(), place);
  journal_ = openJournal(leases_->self(), ownAccess());
  recovery_ = std::make_unique<Recovery>(directory_.get(), *leases_, *checkpoint_, recoverySteps());
  locks_ = std::make_unique<ProcessLocks>(leases_, kFirstWriterSlot, kHashSlots);
  room_ = std::make_unique<Room>(directory_.get(), options_.baseDir, options_.directory.modes);
}

// Where each commit waits for an fdatasync, mapped memory would save nothing; and what another
// machine holds is written by calls, whose errors tell.
JournalAccess JournaledStore::ownAccess() const {
  return options_.syncsCommits || options_.directory.allowsNetwork ? JournalAccess::Write
                                                                   : JournalAccess::WriteMapped;
}

std::unique_ptr<JournalPair> JournaledStore::openJournal(std::uint32_t place,
                                                         JournalAccess access) const {
  return std::make_unique<JournalPair>(directory_.get(), place, checkpoint_->store(),
                                       checkpoint_->journalNote(place), access,
                                       options_.directory.modes.file);
}

LeaseEvents JournaledStore::leaseEvents() {
  const auto beforeRelease = [this](std::uint32_t slot) {
    if (slot >= kFirstWriterSlot) return;
    std::lock_guard flushing(flushing_);
    flush();
  };
  const auto recover = [this](std::uint32_t place) { recoverDead(place); };
  return {beforeRelease, recover};
}

void JournaledStore::recordLayout() {
  const std::string file = std::string(kOwnDirectory) + "/layout.json";
  if (::faccessat(directory_.get(), file.c_str(), F_OK, 0) == 0) return;
  Json layout = {{"format", 1}};
  layout.update(options_.layout.toJson());
  layout["lower_case_keys"] = options_.layout.lowerCaseKeys;
  replaceDurably(directory_.get(), file, layout.dump() + "\n", options_.directory.modes);
}

// In a place whose journal has something left this process could not write before that is redone.
// Where the disk is nearly full, what is left is to be redone before the room for it is gone, and
// the journals with it.
void JournaledStore::lookWhatIsLeft() {
  const auto open = [this](std::uint32_t place) { return openJournal(place, JournalAccess::Read); };
  const LeftChanges::Slots slots{slotOf_, kStructureSlot};
  left_ = std::make_unique<LeftByAll>(directory_.get(), open, slots);
  const DiskRoom room = diskRoom(directory_.get(), options_.baseDir);
  if (!left_->isInOrder() && (room.bytes < kRoomToLeave || room.files < kFilesToLeave))
    left_.reset();
  if (!left_ || left_->isInOrder(leases_->self())) return;
  if (const auto place = left_->placeInOrder()) leases_->moveTo(*place);
}

void JournaledStore::recover(Redo redo) {
  redo_ = std::move(redo);
  {
    std::lock_guard flushing(flushing_);
    JournalContent own = readJournal(*journal_);
    highestStamp_ = own.highestStamp();
    coveredUpTo_ = journal_->end();  // what it has is redone, and covered, before anything else
    if (leases_->wasAlone()) recoverAlone(std::move(own));
  }
  stampToGiveUp_ = highestStamp_;
  leases_->start();
  room_->takeBallast();
  background_ = std::make_unique<std::thread>(quietThread([this] { runBackground(); }));
}

JournaledStore::~JournaledStore() {
  if (forked_.isChild()) {
    // The thread is the parent's, and a condition that it waits on can not be destroyed.
    static_cast<void>(background_.release());
    static_cast<void>(changed_.release());
    return;
  }
  {
    std::lock_guard lock(mutex_);
    isClosing_ = true;
    changed_->notify_all();
  }
  if (background_) background_->join();
  if (journal_ && background_) close();
  leases_->close();  // a lock that a caller holds may keep the leases beyond this store
}

// What fails here is in the journal, and the next process does it. After a recovery much is not on
// disk yet, and who waits for the end of a short process would wait for that.
void JournaledStore::close() noexcept {
  std::lock_guard flushing(flushing_);
  try {
    flush();
    if (journal_->size() < kLeftBytes && !journal_->keepsLastTurn()) return;
    if (!recovered_.empty()) return;
    if (leases_->isFollowed()) return;  // somebody may not have read it yet
    checkpoint();
    if (checkpointed_ < highestStamp_) return;
    if (journal_->keepsLastTurn()) journal_->giveUpLastTurn();
    journal_->beginTurn();
    journal_->giveUpLastTurn();
  } catch (const std::exception&) {
  }
}

// --- recovery ---

void JournaledStore::recoverAlone(JournalContent own) {
  if (left_) leases_->raiseStamp(std::max(left_->highestStamp(), checkpoint_->lastStamp()));
  if (left_ && left_->isInOrder())
    recovery_->tidy(left_->doneAbove(kLeftBytes, leases_->self()));
  else if (left_ && own.isInOrder() && left_->isApart() && !recovery_->hasHidden())
    leave(*left_);
  else
    recovery_->all(*journal_, std::move(own));
  left_.reset();
}

void JournaledStore::leave(const LeftByAll& left) {
  left.leaveTo(*leases_);
  const std::lock_guard lock(unsyncedMutex_);
  unsynced_ = left.left();
}

// What killed processes had not synced any more, and is only in their journals. One that was taken
// over since is synced again, or given up.
void JournaledStore::syncLeft() {
  const std::lock_guard lock(unsyncedMutex_);
  for (const std::uint32_t place : unsynced_)
    for (const std::uint32_t half : {0U, 1U}) {
      const std::string file = journalFile(place, half);
      const Fd fd = openBeneath(directory_.get(), file, O_RDONLY);
      if (!fd && errno == ENOENT) continue;
      if (!fd) throwSystem("open", file);
      if (syncData(fd.get()) != 0) throwSystem("sync", file);
    }
  unsynced_.clear();
}

RecoverySteps JournaledStore::recoverySteps() {
  return {
      .openJournal = [this](std::uint32_t place,
                            JournalAccess access) { return openJournal(place, access); },
      .place =
          [this](std::span<const RecordWrite> writes) { withRoom([&] { files_->place(writes); }); },
      .assume = [this](const Flushes& flushes,
                       bool isAfterCrash) { assume(flushes, isAfterCrash); },
      .redo = [this](const JournalContent& content) { redo(content); },
      .flush = [this] { flush(); },
      .takeOver = [this](const std::vector<Covered>& journals,
                         const std::function<void()>& note) { takeOver(journals, note); },
      .checkpoint = [this] { checkpoint(); },
  };
}

// After a crash of the machine a file may hold anything, so what it replaces tells nothing.
void JournaledStore::assume(const Flushes& flushes, bool isAfterCrash) {
  redone_ = DirtyRecords();
  for (const JournalContent::Flush* flush : flushes) {
    std::vector<RecordWrite> writes = flush->writes();
    if (isAfterCrash)
      for (RecordWrite& write : writes) write.replaces.reset();
    const bool moves = std::ranges::any_of(
        writes, [](const RecordWrite& write) { return write.kind == RecordWrite::Kind::Move; });
    if (moves) {
      redone_.cut();
      placeAssumed();
      withRoom([&] { files_->place(writes); });
    } else {
      const Versions versions = versionsOf(writes);
      redone_.reserve(writes);
      redone_.put(writes, versions);
    }
  }
  redone_.cut();
}

// A page is often changed again by what is redone, and its file then written once.
void JournaledStore::placeAssumed() {
  for (const RecordWrite& write : redone_.takeSuperseded()) files_->keepForeign(write);
  withRoom([&] { redone_.dropCut(files_->place(redone_.lastCut())); });
}

void JournaledStore::redo(const JournalContent& content) {
  redoing_ = std::this_thread::get_id();
  ++recoveries_;
  try {
    for (const JournalContent::LoggedBatch& batch : content.batches)
      redo_(decodeChanges(batch.batch), recoveries_);
  } catch (...) {
    redoing_ = std::thread::id();
    redone_ = DirtyRecords();
    throw;
  }
  redoing_ = std::thread::id();
}

void JournaledStore::takeOver(const std::vector<Covered>& journals,
                              const std::function<void()>& note) {
  const AtEnd forget([this] { redone_ = DirtyRecords(); });
  placeAssumed();
  redone_.cut();
  withRoom([&] {
    redone_.dropCut(placeApart(leases_->beginStamp(), redone_.lastCut(), journals, "", note));
  });
}

void JournaledStore::recoverDead(std::uint32_t place) {
  std::lock_guard flushing(flushing_);
  refuseWhenBroken();
  recovery_->dead(place);
  const std::lock_guard lock(mutex_);
  recovered_.insert(place);
}

// --- claims ---

Claim JournaledStore::claim(std::span<const std::string_view> paths, LockMode mode,
                            bool withStructure) {
  if (paths.size() == 1 && !withStructure)
    return Claim(leases_->use(slotOf_(paths[0]), mode, options_.lockTimeout, paths[0]));
  std::vector<std::uint32_t> slots;
  for (const std::string_view path : paths) slots.push_back(slotOf_(path));
  if (withStructure) slots.push_back(kStructureSlot);
  return claimSlots(std::move(slots), mode, paths.empty() ? "the store" : paths.front());
}

Claim JournaledStore::claimStructure(LockMode mode) {
  return Claim(leases_->use(kStructureSlot, mode, options_.lockTimeout, "the list of hashes"));
}

Claim JournaledStore::claimAll() {
  std::vector<std::uint32_t> slots(kFirstWriterSlot);
  std::iota(slots.begin(), slots.end(), 0);
  return claimSlots(std::move(slots), LockMode::Exclusive, "the store");
}

Claim JournaledStore::claimSlots(std::vector<std::uint32_t> slots, LockMode mode,
                                 std::string_view name) {
  std::sort(slots.begin(), slots.end());
  slots.erase(std::unique(slots.begin(), slots.end()), slots.end());
  std::vector<Leases::Use> uses = leases_->useAll(slots, mode, options_.lockTimeout, name);
  std::map<std::uint32_t, Leases::Use> bySlot;
  for (std::size_t i = 0; i < slots.size(); ++i) bySlot.emplace(slots[i], std::move(uses[i]));
  return Claim(std::move(bySlot), slotOf_);
}

// --- records ---

std::optional<StoredRecord> JournaledStore::read(std::string_view path) {
  {
    std::lock_guard lock(mutex_);
    const DirtyRecords::Content dirty = this->dirty().find(path);
    if (dirty.write) {
      if (dirty.write->kind == RecordWrite::Kind::Removal) return std::nullopt;
      return StoredRecord{std::string(dirty.write->content.view()), dirty.version,
                          dirty.write->children};
    }
  }
  auto content = files_->read(path);
  if (!content) return std::nullopt;
  return StoredRecord{std::move(content->text), std::make_shared<const Version>(content->stamp),
                      content->children};
}

bool JournaledStore::isCurrent(std::string_view path, const VersionPtr& version) {
  if (version && version->isPending()) return true;
  {
    std::lock_guard lock(mutex_);
    const DirtyRecords::Content dirty = this->dirty().find(path);
    if (dirty.write) return dirty.version == version;
  }
  const std::optional<Stamp> stamp = files_->stamp(path);
  return version ? stamp == version->stamp() : !stamp;
}

std::optional<std::uint64_t> JournaledStore::size(std::string_view path) {
  {
    std::lock_guard lock(mutex_);
    const DirtyRecords::Content dirty = this->dirty().find(path);
    if (dirty.write && dirty.write->kind == RecordWrite::Kind::Removal) return std::nullopt;
    if (dirty.write) return dirty.write->content.size();
  }
  const std::optional<Stamp> stamp = files_->stamp(path);
  return stamp ? std::optional(stamp->size) : std::nullopt;
}

void JournaledStore::walk(std::string_view root, std::string_view after,
                          const std::function<Walk(std::string_view path)>& visit) {
  std::vector<std::pair<std::string, bool>> named;
  {
    std::lock_guard lock(mutex_);
    named = dirty().named(root);
  }
  walkMerged(*files_, named, root, after, visit);
}

std::unique_ptr<ChangeFeed> JournaledStore::follow() {
  return std::make_unique<JournalFeed>(directory_.get(), checkpoint_->store(), leases_);
}

std::unique_ptr<RecordStore> JournaledStore::frozen() {
  const std::string place = std::to_string(leases_->self());
  return LinkedStore::make(directory_.get(), files_->options(),
                           LinkedStore::folderOf(place) + "/" + std::to_string(++lastFrozen_));
}

// --- commit: (1) ---

JournaledStore::Versions JournaledStore::versionsOf(const std::vector<RecordWrite>& writes) {
  Versions versions(writes.size());
  for (std::size_t i = 0; i < writes.size(); ++i)
    if (writes[i].kind == RecordWrite::Kind::Text) versions[i] = std::make_shared<Version>();
  return versions;
}

Committed JournaledStore::commit(std::vector<RecordWrite> writes, const Origin& origin) {
  if (!origin.batch || !origin.isRedone) return commitFiles(std::move(writes), origin);
  Committed committed;
  // Redone later, what has changed nothing might. What it has found is durable when it is.
  if (writes.empty()) {
    committed.position = journal_->end();
    return committed;
  }
  const Versions versions = versionsOf(writes);
  committed.versions.assign(versions.begin(), versions.end());
  if (redoing_ == std::this_thread::get_id()) {
    const std::lock_guard lock(mutex_);
    redone_.reserve(writes);
    redone_.put(writes, versions);
    return committed;
  }
  const std::string batch = encode(*origin.batch, origin.idle);
  committed.position = append(batch, writes, versions, isRemovalOnly(*origin.batch));
  if (options_.syncInterval.count() == 0) flushNow();
  leases_->tellFollowers();
  return committed;
}

// On a full disk again, once what is dirty is in its files, and then with what else can be given.
LogPosition JournaledStore::append(std::string_view batch, std::vector<RecordWrite>& writes,
                                   const Versions& versions, bool isRemovalOnly) {
  for (int tries = 0;; ++tries) {
    try {
      return appendOnce(batch, writes, versions, isRemovalOnly, tries > 0);
    } catch (const Error& e) {
      if (e.code() != Code::NoSpace || tries == kTriesForRoom) throw;
      const bool hasGiven = files_->giveSparesBack();
      if (!isRemovalOnly && !hasGiven && journal_->size() < kLeastTurnBytes) throw;
    }
    const std::lock_guard flushing(flushing_);
    if (isRemovalOnly && tries == 0) {
      tryFlush();
    } else {
      if (isRemovalOnly) room_->giveBallast();
      flushInNewTurn();
    }
  }
}

// What can not be placed now may be later.
void JournaledStore::tryFlush() {
  try {
    flush();
  } catch (const Error& e) {
    if (e.code() != Code::NoSpace) throw;
  }
}

LogPosition JournaledStore::appendOnce(std::string_view batch, std::vector<RecordWrite>& writes,
                                       const Versions& versions, bool isRemovalOnly, bool isAgain) {
  std::unique_lock lock(mutex_);
  awaitRoom(lock, writes, isRemovalOnly, isAgain);
  dirty_.reserve(writes);
  LogPosition position;
  try {
    position = appendBatch(batch);
    room_->spend(batch.size());
  } catch (...) {
    dirty_.giveBack(writes);
    throw;
  }
  dirty_.put(writes, versions);
  return position;
}

LogPosition JournaledStore::appendBatch(std::string_view batch) {
  const std::string time = batchTime(monotonicNanos());
  const std::array<std::string_view, 2> parts{time, batch};
  return journal_->append(Journal::Kind::Batch, parts);
}

void JournaledStore::awaitDurable(LogPosition position) {
  if (options_.syncsCommits && position.turn != 0) journal_->sync(position);
}

// A page that has just been split off is seldom written twice while it is dirty, so that placing it
// soon costs little; how soon is shared by all processes. One that is only changed may be written
// many times.
std::size_t JournaledStore::workOf(std::size_t records, std::size_t newFiles) const {
  return records + newFiles * (kWorkOfNew * processes_ - 1);
}

std::size_t JournaledStore::workOfDirty() const {
  return workOf(dirty_.count(), dirty_.newFiles());
}

// Waits while too much is dirty. Refuses when what is dirty could not be placed, or little room is
// left on the disk; what only removes goes on then, for it may be what makes room. Where memory was
// short for placing it, it is kept for later until it is too much.
void JournaledStore::awaitRoom(std::unique_lock<std::mutex>& lock,
                               const std::vector<RecordWrite>& writes, bool isRemovalOnly,
                               bool isAgain) {
  const auto isTooMuch = [this] {
    const std::size_t beingPlaced = workOf(dirty_.countOfCut(), dirty_.newFilesOfCut());
    return workOfDirty() + beingPlaced > kDirtyWork * kMostTimesWork ||
           dirty_.bytes() > kDirtyBytes * kMostTimesBytes;
  };
  if (workOfDirty() > kDirtyWork || dirty_.bytes() > kDirtyBytes) wantFlush();
  while (!failure_ && !isBroken_ && isTooMuch()) {
    wantFlush();
    changed_->wait(lock);
  }
  refuseWhenBroken();
  const bool isBearable = isRemovalOnly || (lacksMemory_ && !isTooMuch());
  if (failure_ && !isBearable)
    throw Error(failure_->code(), failure_->what(), failure_->systemCode());
  std::uint64_t bytes = dirty_.bytes(), largest = 0;
  for (const RecordWrite& write : writes) {
    bytes += write.content.size();
    largest = std::max<std::uint64_t>(largest, write.content.size());
  }
  const std::uint64_t files = dirty_.count() + writes.size();
  // In the journal and in the files, where whoever recovers them writes them as well.
  const std::uint64_t needed = 2 * bytes + files * kBlockBytes;
  if (!isRemovalOnly)  // and a removal of one of these items later
    room_->require(files, needed + 2 * kLaterWrites * largest, Room::For::Growth);
  else if (dirty_.count() != 0 && !isAgain)  // else it is tried
    room_->require(files, needed, Room::For::Removal);
}

// Under mutex_.
void JournaledStore::wantFlush() {
  if (failure_ || wantsFlush_) return;
  wantsFlush_ = true;
  changed_->notify_all();
}

void JournaledStore::refuseWhenBroken() const {
  if (!isBroken_) return;
  throw Error(Code::ReadOnly, options_.baseDir +
                                  ": an earlier write has failed, so what is on disk is not known; "
                                  "open the store anew");
}

// A commit by itself, in its files when it returns: for who changes records by other means than a
// batch, and for moves of many files. What was moved is not to be moved again after later writes to
// where it was, so no older flush is in flight meanwhile, and a checkpoint follows at once.
Committed JournaledStore::commitFiles(std::vector<RecordWrite> writes, const Origin& origin) {
  std::unique_lock flushing(flushing_);
  const std::uint64_t stamp = beginOldestStamp(flushing);
  const std::string told = batchTime(monotonicNanos()) +
                           (origin.batch ? encode(*origin.batch, origin.idle) : encode(Batch()));
  Committed committed;
  for (const Stamp& placed : placeApart(stamp, writes, {}, told, [&] { checkpoint(stamp); }))
    committed.versions.push_back(std::make_shared<const Version>(placed));
  leases_->tellFollowers();
  return committed;
}

// A stamp than which no older one is in flight, with nothing dirty. Lets go of the lock now and
// then while it waits: flushes here and the recovery of a process that died with a stamp need it.
std::uint64_t JournaledStore::beginOldestStamp(std::unique_lock<std::mutex>& flushing) {
  const auto deadline = Clock::now() + options_.lockTimeout;
  for (;;) {
    refuseWhenBroken();
    flush();
    const std::uint64_t stamp = leases_->beginStamp();
    if (areOlderSettled(stamp)) return stamp;
    leases_->endStamp();
    if (Clock::now() > deadline)
      throw Error(Code::LockTimeout,
                  "lock timeout: another process has not finished writing its changes, after " +
                      std::to_string(options_.lockTimeout.count()) + " ms");
    flushing.unlock();
    leases_->recoverDead();
    flushing.lock();
  }
}

// Waits for that as long as a flush takes, or some more.
bool JournaledStore::areOlderSettled(std::uint64_t stamp) const {
  constexpr int kTries = 100;
  for (int i = 0; i < kTries; ++i) {
    if (leases_->settledStamp() + 1 >= stamp) return true;
    std::this_thread::sleep_for(Millis(1));
  }
  return false;
}

}  // namespace hexpage
