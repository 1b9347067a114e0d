// Whole JSON records by path: what the paged layout stands on. Paths are those of hashes.hpp, the
// pages of a hash P at `P/data`, `P/data/3`, ... and hidden ones (see backend.hpp).
#pragma once

#include <atomic>
#include <compare>
#include <cstdint>
#include <functional>
#include <hexpage/backend.hpp>
#include <hexpage/types.hpp>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/leases.hpp"

namespace hexpage {

// Tells one content of a file from another: changes whenever the file is written, by whomever.
struct Stamp {
  std::uint64_t inode = 0;
  std::int64_t modifiedNanos = 0;
  std::uint64_t size = 0;

  friend bool operator==(const Stamp&, const Stamp&) = default;
};

// One content of a record: what a cache keeps to ask later whether the record still has it. A
// content that a commit made is pending until it is in its file.
class Version {
 public:
  Version() = default;
  explicit Version(const Stamp& stamp) : stamp_(stamp), isPlaced_(true) {}

  bool isPending() const { return !isPlaced_.load(std::memory_order_acquire); }
  // Of one that is not pending.
  const Stamp& stamp() const { return stamp_; }
  // Called once, of a pending one.
  void place(const Stamp& stamp) {
    stamp_ = stamp;
    isPlaced_.store(true, std::memory_order_release);
  }

 private:
  Stamp stamp_;
  std::atomic<bool> isPlaced_{false};
};
using VersionPtr = std::shared_ptr<const Version>;

// Which of the sixteen records below an index there are, the lowest bit for 0; nullopt where nobody
// has kept it.
using Children = std::optional<std::uint16_t>;

struct StoredRecord {
  std::string text;
  VersionPtr version;
  Children children = {};
};

// Whether what is stored is what was written.
enum class SealState {
  Ok,
  Unknown,  // there is no checksum of this store: another program wrote the file, or put it there
  Damaged,
};

// What is wrong with a damaged file, up to its name.
inline constexpr std::string_view kDoesNotMatch =
    "does not match its checksum: damaged, or changed by hand; once it is as it should be: "
    "hexpage verify --accept ";

struct CheckedRecord {
  std::string text;
  std::optional<SealState> seal = {};  // nullopt: the store keeps no checksums
  Children children = {};
};

// A text that is shared, not copied, with who else keeps it.
class SharedText {
 public:
  SharedText() = default;
  SharedText(std::string text) : text_(std::make_shared<const std::string>(std::move(text))) {}
  SharedText(const char* text) : SharedText(std::string(text)) {}
  explicit SharedText(std::shared_ptr<const std::string> text) : text_(std::move(text)) {}

  std::string_view view() const { return text_ ? std::string_view(*text_) : std::string_view(); }
  std::size_t size() const { return text_ ? text_->size() : 0; }

  friend bool operator==(const SharedText& a, const SharedText& b) { return a.view() == b.view(); }

 private:
  std::shared_ptr<const std::string> text_;  // null for an empty one
};

// One record's part of a commit: a new text, another record that takes its place, or its removal.
struct RecordWrite {
  enum class Kind { Text, Move, Removal };

  std::string path;
  Kind kind = Kind::Removal;
  SharedText content;      // the text, or the path of the record that moves here
  bool isNamed = false;    // the record is a hash or a plain record, not a page
  Children children = {};  // of the text of an index
  // The content that the write was made of, null for none: if the file has another one by then, of
  // somebody who knows no locks, that is kept aside. nullopt: whatever is there is replaced.
  std::optional<VersionPtr> replaces = std::nullopt;

  // Whether there was no such record when the write was made.
  bool isOfNew() const { return replaces && !*replaces; }
};

// Where a commit stands in the store's log, for awaitDurable(). Each turn of the log counts anew.
struct LogPosition {
  std::uint64_t turn = 0;
  std::uint64_t offset = 0;

  friend auto operator<=>(const LogPosition&, const LogPosition&) = default;
};

// What a commit comes from.
struct Origin {
  const Batch* batch = nullptr;  // null: nobody who follows the store can be told what it does
  std::vector<bool> idle = {};   // which changes of the batch changed nothing; empty: none
  bool isRedone = true;          // from the batch, after a crash; else from the writes
};

struct Committed {
  std::vector<VersionPtr> versions;  // of the texts, in the order of the writes
  LogPosition position;
};

// The right to use what is kept under some paths while no other process changes it, or at all when
// it is exclusive.
class Claim {
 public:
  using SlotOf = std::function<std::uint32_t(std::string_view path)>;

  // One that claims nothing.
  explicit Claim(std::uint64_t epoch) : epoch_(epoch) {}
  explicit Claim(Leases::Use use) : epoch_(use.epoch()), use_(std::move(use)) {}
  // The slots that the paths fall into; `slotOf` outlives this.
  Claim(std::map<std::uint32_t, Leases::Use> uses, const SlotOf& slotOf)
      : uses_(std::move(uses)), slotOf_(&slotOf) {}

  // A number that differs when another process may have changed what is under the path since.
  std::uint64_t epochOf(std::string_view path) const {
    return slotOf_ ? uses_.at((*slotOf_)(path)).epoch() : epoch_;
  }

 private:
  std::uint64_t epoch_ = 0;
  Leases::Use use_;
  std::map<std::uint32_t, Leases::Use> uses_;
  const SlotOf* slotOf_ = nullptr;
};

// What walk() is to do after a record.
enum class Walk { On, SkipPages, Stop };

// All calls may come from several threads at once.
class RecordStore {
 public:
  virtual ~RecordStore() = default;

  // Takes over what dead processes have left undone, now and whenever one dies. `redo` applies a
  // batch to the records again, by commit(); `recovery` is another number each time something was
  // taken over. Called once, before anything else.
  using Redo = std::function<void(const Batch& batch, std::uint64_t recovery)>;
  virtual void recover(Redo redo) = 0;

  // Waits for other processes, at most the lock timeout; then LockTimeout that names the path. The
  // caller holds no other claim.
  virtual Claim claim(std::span<const std::string_view> paths, LockMode mode,
                      bool withStructure = false) = 0;
  // Which hashes and records there are.
  virtual Claim claimStructure(LockMode mode) = 0;
  // Everything, exclusively.
  virtual Claim claimAll() = 0;

  // nullopt when there is no record; anything else that keeps it from being read is an Error. A
  // text that does not match its checksum is Corrupt.
  virtual std::optional<StoredRecord> read(std::string_view path) = 0;
  // The same, whether it matches or not, as it is in its file. Nothing may be dirty.
  virtual std::optional<CheckedRecord> readChecked(std::string_view path) = 0;
  // Takes what is in the record's file for what was meant to be there.
  virtual void seal(std::string_view path, Children children) = 0;
  // Whether the record still has this content; null: whether there still is none.
  virtual bool isCurrent(std::string_view path, const VersionPtr& version) = 0;
  // Its size in bytes.
  virtual std::optional<std::uint64_t> size(std::string_view path) = 0;

  // All or none, also across a crash, for readers in this process too who look at one record at a
  // time under the locks of the caller. The writes are what the origin's batch makes of the
  // records. No path may be in the writes twice.
  virtual Committed commit(std::vector<RecordWrite> writes, const Origin& origin) = 0;
  // With durability "power" waits until the commit survives a loss of power.
  virtual void awaitDurable(LogPosition position) = 0;

  // On return all that was committed is durable and in its files.
  virtual void sync() = 0;

  // See Backend::follow().
  virtual std::unique_ptr<ChangeFeed> follow() { return nullptr; }

  // The records as they are now, whatever happens to this one; nothing is committed to it. Null
  // where that is not to be had. The caller holds everything, and nothing is left to be synced.
  virtual std::unique_ptr<RecordStore> frozen() { return nullptr; }

  // Calls visit with each record of the store whose path is `root` or below it ("" for all), hidden
  // ones only when root is hidden; a record right before what is below it. Where the layout does
  // not tell paths, with those that are known. `after` resumes behind that path; the path itself
  // and those that it is below may be visited again.
  virtual void walk(std::string_view root, std::string_view after,
                    const std::function<Walk(std::string_view path)>& visit) = 0;
  // Makes a path known to walk() where the layout does not tell it.
  virtual void remember(std::string_view path) = 0;

  // Whether the layout tells paths: then walk() misses none.
  virtual bool tellsPaths() const = 0;

  // The file that holds the record, relative to the store.
  virtual std::string fileOf(std::string_view path) = 0;
  // Every file of the store, or of one folder of it ("a/b/") and below, relative to the store,
  // sorted.
  virtual std::vector<std::string> files(std::string_view folder = "") = 0;
  // The text of any of them.
  virtual std::string readFile(const std::string& file) = 0;
  // Moves a file out of the way, or keeps a copy of it there, and gives the new name.
  enum class Aside { Move, Copy };
  virtual std::string quarantine(const std::string& file, Aside aside) = 0;

  virtual Locks& locks() = 0;
};

}  // namespace hexpage
