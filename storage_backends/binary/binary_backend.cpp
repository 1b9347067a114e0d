#include "binary/binary_backend.hpp"

#include <algorithm>
#include <atomic>
#include <boost/filesystem.hpp>
#include <hexpage/error.hpp>
#include <hexpage/kv.hpp>
#include <mutex>
#include <new>

#include "binary/batch_writer.hpp"
#include "binary/binary_check.hpp"
#include "binary/binary_examination.hpp"
#include "binary/binary_settings.hpp"
#include "binary/catalogue.hpp"
#include "binary/known_hashes.hpp"
#include "binary/log_changes.hpp"
#include "binary/log_feed.hpp"
#include "binary/path_lists.hpp"
#include "binary/reading.hpp"
#include "binary/store_figures.hpp"
#include "binary/store_record.hpp"
#include "binary/with_room.hpp"
#include "filesystem/posix.hpp"
#include "support/fork_watch.hpp"
#include "support/local_locks.hpp"
#include "support/path_errors.hpp"
#include "support/path_rules.hpp"
#include "support/process_locks.hpp"
#include "support/read_only_backend.hpp"
#include "support/structure.hpp"
#include "support/uninterrupted.hpp"

namespace hexpage {
namespace {

namespace fs = boost::filesystem;

constexpr std::uint32_t kWriterSlots = 1024;
const std::string kLocks = "locks";  // the directory of the files that the locks are in
const std::string kAside = "quarantine";

void refuseOtherBackends(const std::string& baseDir) {
  if (::access((baseDir + "/.hexpage").c_str(), F_OK) == 0)
    throw Error(Code::InvalidArgument,
                baseDir +
                    " is a directory of the backend filesystem; open it with \"backend\": "
                    "\"filesystem\", or give binary.base_dir another");
}

// All of a store is written by one at a time: who waits for another in vain is told for what.
template <class Write>
auto naming(std::string_view path, Write write) {
  try {
    return write();
  } catch (const Error& error) {
    if (error.code() != Code::LockTimeout) throw;
    throw Error(Code::LockTimeout, std::string(path) + ": " + error.what());
  }
}

// The store as it was; what it sees keeps its room on disk.
class BinarySnapshot : public View {
 public:
  explicit BinarySnapshot(kv::Snapshot snapshot) : snapshot_(std::move(snapshot)) {}

  std::optional<HashInfo> info(std::string_view path) override {
    return reading::info(snapshot_.view(), path);
  }
  std::vector<std::optional<Value>> get(std::string_view path,
                                        std::span<const std::string_view> keys) override {
    return reading::get(snapshot_.view(), path, keys);
  }
  Chunk scan(std::string_view path, std::string_view cursor) override {
    return reading::scan(snapshot_.view(), path, cursor);
  }
  Chunk expired(std::string_view path, Expires now, std::string_view cursor) override {
    return reading::expired(snapshot_.view(), path, now, cursor);
  }
  std::optional<std::string> record(std::string_view path) override {
    return reading::record(snapshot_.view(), path);
  }
  PathChunk paths(std::string_view prefix, std::string_view cursor) override {
    return reading::paths(snapshot_.view(), prefix, cursor);
  }
  std::string moment() override { return snapshot_.moment(); }
  std::optional<std::vector<std::string>> changedKeys(std::string_view path,
                                                      std::string_view moment) override {
    if (!changes_ || changesSince_ != moment) readChanges(moment);
    if (changes_->paths.contains(path)) return std::nullopt;
    const auto items = itemsAt(snapshot_.view(), path);
    return items ? changes_->keysOf(*items) : std::nullopt;
  }

 private:
  void readChanges(std::string_view moment) {
    changes_.emplace();
    changesSince_ = moment;
    if (!snapshot_.eachChangeSince(moment, [&](kv::TreeId tree, std::string_view key) {
          if (tree == kCatalogue)
            changes_->paths.emplace(key);
          else
            changes_->add(tree, key);
        }))
      changes_->forgetKeys();
  }

  const kv::Snapshot snapshot_;
  std::optional<LogChanges> changes_;  // since the moment that was asked for last
  std::string changesSince_;
};

class BinaryBackend : public Backend {
 public:
  explicit BinaryBackend(const BinarySettings& settings)
      : baseDir_(settings.baseDir),
        storeOptions_(settings.store),
        lowerCaseKeys_(settings.lowerCaseKeys) {
    refuseOtherBackends(baseDir_);
    if (storeOptions_.readOnly) {
      openDirectoryThere(baseDir_, settings.directory);
      openToRead();
    } else {
      openStoreDirectory(baseDir_, settings.directory);
      openToWrite();
    }
  }

  ~BinaryBackend() override {
    if (forked_.isChild()) {
      static_cast<void>(store_.release());  // its thread is the parent's
      return;
    }
    closeStore();
    if (leases_)
      leases_->close();  // a lock that a caller holds may keep the leases beyond this store
  }

  std::optional<HashInfo> info(std::string_view path) override {
    return now([&](const kv::View& view) { return reading::info(view, path); });
  }
  std::vector<std::optional<Value>> get(std::string_view path,
                                        std::span<const std::string_view> keys) override {
    return now([&](const kv::View& view) { return reading::get(view, path, keys); });
  }
  std::optional<Value> getOne(std::string_view path, std::string_view key) override {
    return now([&](const kv::View& view) {
      const auto items = hashes_.itemsOf(view, path);
      return items ? reading::item(view, *items, path, key) : std::nullopt;
    });
  }
  std::shared_ptr<const Json> options(std::string_view path) override {
    const auto known = hash(path);
    return known ? known->options : nullptr;
  }
  Chunk scan(std::string_view path, std::string_view cursor) override {
    return now([&](const kv::View& view) { return reading::scan(view, path, cursor); });
  }
  Chunk expired(std::string_view path, Expires time, std::string_view cursor) override {
    return now([&](const kv::View& view) { return reading::expired(view, path, time, cursor); });
  }
  std::optional<std::string> record(std::string_view path) override {
    return now([&](const kv::View& view) { return reading::record(view, path); });
  }
  PathChunk paths(std::string_view prefix, std::string_view cursor) override {
    return now([&](const kv::View& view) { return reading::paths(view, prefix, cursor); });
  }
  std::vector<LayoutNode> layout(std::string_view path) override {
    return now([&](const kv::View& view) { return reading::layout(view, path); });
  }
  std::unique_ptr<View> snapshot() override {
    return std::make_unique<BinarySnapshot>(store().snapshot());
  }

  Applied apply(const Batch& batch) override { return applyThen(batch, {}); }

  Applied applyThen(const Batch& batch, const std::function<void()>& visible) override {
    const std::string_view path = batch.changes.empty()
                                      ? std::string_view()
                                      : std::string_view(pathOf(batch.changes.front()));
    const kv::Purpose purpose = isRemovalOnly(batch) ? kv::Purpose::Remove : kv::Purpose::Change;
    const auto makeRoom = [&] { return store().makeRoom(purpose); };
    return naming(path, [&] {
      return kv::writeWithRoom(
          makeRoom, [&] { return BatchWriter(store(), purpose).apply(batch, thenTold(visible)); });
    });
  }

  // Nobody changes the entry in the catalogue meanwhile, but for giving the hash a list of the
  // times at which items expire, which only concerns those that do.
  bool edit(std::string_view path, std::string_view key, const EditItem& decide,
            const FunctionRef<void()>& visible) override {
    const auto known = hash(path);
    if (!known) return false;
    std::optional<Value> there;
    const auto before = [&]() -> std::optional<ItemSeen> {
      there = getOne(path, key);
      if (!there) return std::nullopt;
      return ItemSeen{key, there->text, there->expires};
    };
    const ItemAfter after = decide(before, *known->options);
    if (known->due == 0 && after.expires == 0) {
      const ItemToSet item(after.text, 0);
      naming(path, [&] { store().set(key, item.value(), known->items, thenTold(visible)); });
    } else {
      Batch batch;
      batch.add(Put{std::string(path), std::string(key), std::string(after.text), after.expires});
      applyThen(batch, visible);
    }
    return true;
  }

  // Who only reads can not be woken.
  std::unique_ptr<ChangeFeed> follow() override {
    if (!leases_) return nullptr;
    return std::make_unique<LogFeed>([this] { return OpenedStore{store(), openings_}; }, leases_);
  }

  void sync() override { store().sync(); }

  void check(Report& report) override {
    checkEngine(report);
    if (damage_) return;
    const kv::Snapshot now = store().snapshot();
    checkCatalogue(now.view(), report);
  }

  void repair(Report& report, bool dryRun) override {
    checkEngine(report);
    if (!report.findings.empty()) {
      for (Finding& finding : report.findings)
        finding.action = "what can be read is saved into a new log, the old one kept in " + kAside;
      if (dryRun) return;
      saveReadable(report);
    }
    repairCatalogue(store(), report, dryRun);
    if (leases_) leases_->tellFollowers();
  }

  std::vector<Figure> figures() override { return storeFigures(store()); }

  std::uint64_t compact(const CompactProgress& progress) override {
    const std::uint64_t before = store().stats().logBytes;
    store().compact(progress);
    return before - std::min(before, store().stats().logBytes);
  }

  std::vector<std::string> files() override {
    std::vector<std::string> files;
    boost::system::error_code error;
    fs::recursive_directory_iterator entry(baseDir_, error), end;
    for (; !error && entry != end; entry.increment(error))
      if (withPathErrors("stat", [&] { return fs::is_regular_file(entry->status()); }))
        files.push_back(entry->path().lexically_relative(baseDir_).generic_string());
    if (error == boost::system::errc::not_enough_memory) throw std::bad_alloc();
    if (error) throw Error(Code::Io, "list " + baseDir_ + ": " + error.message());
    std::sort(files.begin(), files.end());
    return files;
  }

  void adopt(std::string_view path) override {
    if (!record(path)) throw Error(Code::NoSuchKey, "no such hash or record: " + std::string(path));
  }

  Locks& locks() override { return *locks_; }

 private:
  // Changes no file, so its locks reach no other process.
  void openToRead() {
    locks_ = std::make_unique<LocalLocks>();
    openStore();
  }

  void openToWrite() {
    locksFolder_ =
        openOrMakeFolder(openDirectory(baseDir_).get(), kLocks, storeOptions_.directoryMode);
    leases_ = std::make_shared<Leases>(locksFolder_.get(), kWriterSlots,
                                       LeaseEvents{.recover = [this](auto) { followTheDead(); }},
                                       LeaseOptions{.folder = kLocks,
                                                    .fileMode = storeOptions_.fileMode,
                                                    .openTimeout = storeOptions_.lockTimeout});
    locks_ =
        std::make_unique<ProcessLocks>(leases_, 0, kWriterSlots, ProcessLocks::Items::EachByItself);
    openStore();
    if (leases_->wasAlone() && store_) tidy();
    leases_->start();
  }

  // To be called once a change is visible: wakes who follows the store before all else.
  std::function<void()> thenTold(const std::function<void()>& visible) {
    return [this, &visible] {
      if (leases_) leases_->tellFollowers();
      if (visible) visible();
    };
  }

  kv::Database& store() const {
    if (forked_.isChild())
      throw Error(Code::InvalidArgument, baseDir_ +
                                             ": this is a forked child; it has to open the store "
                                             "by itself");
    if (damage_) throw *damage_;
    return *store_;
  }

  // Whoever gets a lock of a process that died reads what it has committed, also when it died
  // before it told others of that: who writes next finds it in the log.
  void followTheDead() {
    const std::lock_guard guard(closing_);
    if (store_) store_->begin().rollback();
  }

  // Others may still ask for locks.
  void closeStore() {
    const std::lock_guard guard(closing_);
    store_.reset();
  }

  // A store whose log is damaged is there to be repaired; whatever else is asked of it throws.
  void openStore() {
    try {
      auto store = std::make_unique<kv::Database>(kv::Database::open(baseDir_, storeOptions_));
      requireOwnStore(*store, baseDir_, lowerCaseKeys_, storeOptions_.readOnly);
      const std::lock_guard guard(closing_);
      store_ = std::move(store);
      hashes_.forget();
      damage_.reset();
      ++openings_;
    } catch (const Error& error) {
      if (error.code() != Code::Corrupt) throw;
      damage_ = error;
    }
  }

  // 1. What can be read is saved into a store of its own, beside this one.
  // 2. The damaged files are moved aside.
  // 3. The new ones are moved in.
  // A kill before 3 is over leaves files of both aside or beside, and none of them lost.
  void saveReadable(Report& report) {
    if (!leases_ || !leases_->wasAlone())
      throw Error(Code::InvalidArgument,
                  baseDir_ + ": other processes have the store open; repair it when they have not");
    closeStore();
    const fs::path base(baseDir_), saved = base / "saved", aside = base / kAside;
    remove(saved);
    kv::salvage(baseDir_, saved.string(), report, savingOptions());
    recordAgain(saved.string());
    const Fd directory = openDirectory(baseDir_);
    openOrMakeFolder(directory.get(), kAside, storeOptions_.directoryMode);
    moveFiles(base, aside);
    moveFiles(saved, base);
    remove(saved);
    syncFolder(directory.get(), "");
    openStore();
  }

  // What the store says of itself may be among what was lost.
  void recordAgain(const std::string& saved) const {
    kv::Database store = kv::Database::open(saved, savingOptions());
    if (!store.contains(kStoreKey, kCatalogue)) recordStore(store, lowerCaseKeys_);
  }

  // What is saved has the rights that the store has.
  kv::Options savingOptions() const {
    kv::Options options;
    options.fileMode = storeOptions_.fileMode;
    options.directoryMode = storeOptions_.directoryMode;
    options.allowNetworkFilesystem = storeOptions_.allowNetworkFilesystem;
    return options;
  }

  static void remove(const fs::path& folder) {
    withPathErrors("remove", [&] { fs::remove_all(folder); });
  }

  static void moveFiles(const fs::path& from, const fs::path& to) {
    withPathErrors("move", [&] {
      std::vector<fs::path> files;
      for (const fs::directory_entry& entry : fs::directory_iterator(from))
        if (fs::is_regular_file(entry.status())) files.push_back(entry.path());
      for (const fs::path& file : files) fs::rename(file, to / file.filename());
    });
  }

  // What `read` gives of one moment.
  template <class Read>
  std::invoke_result_t<Read&, const kv::View&> now(Read read) const {
    std::invoke_result_t<Read&, const kv::View&> result;
    store().look([&](const kv::View& view) { result = read(view); });
    return result;
  }

  std::optional<KnownHash> hash(std::string_view path) {
    return now([&](const kv::View& view) { return hashes_.find(view, path); });
  }

  void checkEngine(Report& report) const {
    if (damage_) {
      report.findings.push_back({Severity::Error, "the log", damage_->what(), ""});
      return;
    }
    Report engine;
    store().verify(engine);
    report.files += engine.files;
    std::ranges::move(engine.findings, std::back_inserter(report.findings));
  }

  // A damaged store is there to be repaired, and one on a full disk to be read and made smaller.
  void tidy() {
    try {
      removeHidden();
    } catch (const Error& error) {
      if (error.code() != Code::Corrupt && error.code() != Code::NoSpace) throw;
    }
  }

  // Left by processes that are gone.
  void removeHidden() {
    const Batch batch = now([](const kv::View& view) {
      Batch drops;
      walkPaths(view, ".", [&](std::string_view path, Kind kind) {
        if (!isHidden(path)) return false;
        if (kind == Kind::Hash)
          drops.add(Drop{std::string(path)});
        else
          drops.add(EraseRecord{std::string(path)});
        return true;
      });
      return drops;
    });
    if (!batch.changes.empty()) apply(batch);
  }

  const std::string baseDir_;
  const kv::Options storeOptions_;
  const bool lowerCaseKeys_;
  const ForkWatch forked_{[] {}};
  Fd locksFolder_;
  std::shared_ptr<Leases> leases_;
  std::unique_ptr<Locks> locks_;
  std::unique_ptr<kv::Database> store_;
  std::mutex closing_;                      // of store_ being opened or closed
  std::atomic<std::uint64_t> openings_{0};  // how often it was opened
  KnownHashes hashes_;
  std::optional<Error> damage_;  // why there is no store_
};

// `refusal`: why it can not be opened to write.
std::unique_ptr<Backend> openToReadInstead(BinarySettings settings, const Error& refusal) {
  settings.store.readOnly = true;
  try {
    return makeReadOnly(std::make_unique<BinaryBackend>(settings),
                        openedToReadOnly(settings.baseDir, refusal));
  } catch (const Error&) {
    throw refusal;
  }
}

}  // namespace

void checkBinarySection(const Json& section, const CommonSettings& common) {
  readBinarySection(section, common);
}

std::vector<Guarantee> examineBinary(const Json& section, const CommonSettings& common) {
  const BinarySettings settings = readBinarySection(section, common);
  return examineBinaryDirectory(settings.baseDir, settings.directory);
}

std::unique_ptr<Backend> makeBinaryBackend(const Json& section, const CommonSettings& common) {
  const BinarySettings settings = readBinarySection(section, common);
  try {
    return std::make_unique<BinaryBackend>(settings);
  } catch (const Error& e) {
    if (common.readOnly || !isRefusedToWrite(e)) throw;
    return openToReadInstead(settings, e);
  }
}

}  // namespace hexpage
