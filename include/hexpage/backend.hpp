// What a store of hashes must promise. Whoever writes one runs tests/contract over it; each promise
// here has a test there. Paths and keys that reach a backend are valid (see hashes.hpp), and texts
// are valid JSON. A path that begins with '.' is hidden: it works like any other but paths() never
// tells it, and what an earlier process left under such a path is gone when the store is opened.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <hexpage/batch.hpp>
#include <hexpage/change_feed.hpp>
#include <hexpage/error.hpp>
#include <hexpage/function_ref.hpp>
#include <hexpage/types.hpp>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hexpage {

enum class LockMode { Shared, Exclusive };

// Two spaces of names that never meet.
enum class LockSpace {
  Writer,  // paths of hashes and records: who changes one holds its lock
  User,    // the user's own names
};

// Who holds several locks and may wait for more, as a transaction; 0 is nobody in particular.
using LockOwner = std::uint64_t;

// One that no other owner in this process has.
inline LockOwner newLockOwner() noexcept {
  static std::atomic<LockOwner> last{0};
  return ++last;
}

// A lock that is held or waited for. A process that has the store open but does not answer when it
// is asked for its locks, as one that is stopped, is an entry with an empty name.
struct LockEntry {
  LockSpace space = LockSpace::Writer;
  std::string name;
  LockMode mode = LockMode::Exclusive;
  bool isWaiting = false;    // else it is held
  std::int64_t process = 0;  // who holds it or waits, as the system numbers processes
  Millis since{0};           // how long it has been held or waited for
  LockOwner owner = 0;       // of that process, as it was given to acquire()
};

// A held lock; the destructor frees it. Move-only; may be destroyed by any thread.
class Hold {
 public:
  Hold() = default;
  explicit Hold(std::function<void()> release) : release_(std::move(release)) {}
  Hold(Hold&& other) noexcept : release_(std::exchange(other.release_, nullptr)) {}
  Hold& operator=(Hold&& other) noexcept {
    if (this != &other) {
      free();
      release_ = std::exchange(other.release_, nullptr);
    }
    return *this;
  }
  ~Hold() { free(); }

  void free() noexcept {
    if (!release_) return;
    const std::function<void()> release = std::exchange(release_, nullptr);
    release();
  }

 private:
  std::function<void()> release_;
};

// Named locks, as far as the backend's reach: the threads of a process, or its processes too.
// Not re-entrant. Fair to writers: who waits for an exclusive lock goes before later readers.
class Locks {
 public:
  virtual ~Locks() = default;

  // Waits until the lock is held, at most `timeout`; 0 only tries. Throws Error{LockTimeout} that
  // has the name; at once when an owner would wait in a circle, for one that waits for what it
  // holds itself. An owner waits in one thread at a time.
  virtual Hold acquire(LockSpace space, std::string_view name, LockMode mode, Millis timeout,
                       LockOwner owner = 0) = 0;

  // The writers' locks of all these paths, equal ones once, taken in an order that is the same for
  // all who call this. Waits at most `timeout` in all; when it throws, none is held.
  virtual std::vector<Hold> acquireAll(std::span<const std::string_view> paths, LockMode mode,
                                       Millis timeout, LockOwner owner = 0) = 0;

  // For one change of one item, whatever is read to decide it: who holds this excludes all that the
  // exclusive writer's lock of the path excludes, but perhaps not those who change other items of
  // that hash in this way. Held but for a moment, without waiting for another lock, and freed by
  // the thread that took it before this object ends; list() need not tell it.
  virtual Hold acquireItem(std::string_view path, std::string_view /*key*/, Millis timeout) {
    return acquire(LockSpace::Writer, path, LockMode::Exclusive, timeout);
  }

  // What is held and what is waited for, as far as these locks reach, in no promised order.
  virtual std::vector<LockEntry> list() = 0;
};

// An item where it lies, for as long as one is called with it. Whoever is must not call the
// backend.
struct ItemSeen {
  std::string_view key;
  std::string_view text;
  Expires expires = 0;
};
using SeeItem = FunctionRef<void(const ItemSeen&)>;

// What to store under a key, by the options of the hash and what is there, if anything: before()
// finds that out, for who needs it.
using ItemBefore = FunctionRef<std::optional<ItemSeen>()>;
struct ItemAfter {
  std::string_view text;  // holds until the edit is over; no part of what is there
  Expires expires = 0;
};
using EditItem = FunctionRef<ItemAfter(const ItemBefore& before, const Json& options)>;

// What the text of an item becomes, by the item and the options of its hash; no part of what is
// there. nullopt: it is to be left alone.
using EditText =
    FunctionRef<std::optional<std::string_view>(const ItemSeen& item, const Json& options)>;

// What can be read of a store. All calls may come from several threads at once.
class View {
 public:
  virtual ~View() = default;

  // The hash's header, or nullopt when there is no hash (a plain record is none). O(1).
  virtual std::optional<HashInfo> info(std::string_view path) = 0;

  // What is stored under each key, in the order of `keys`; nullopt where nothing is, for every key
  // when the hash is not there. A backend keeps when an item expires and gives it back, here and in
  // a scan; it never looks at a clock, and an item whose time has come stays until it is removed.
  virtual std::vector<std::optional<Value>> get(std::string_view path,
                                                std::span<const std::string_view> keys) = 0;

  // The same for one key.
  virtual std::optional<Value> getOne(std::string_view path, std::string_view key) {
    return std::move(get(path, {&key, 1}).front());
  }

  // The header's own members, as HashInfo::options; null when there is no hash. A backend that has
  // them ready spares its callers the rest of info().
  virtual std::shared_ptr<const Json> options(std::string_view path) {
    auto known = info(path);
    return known ? std::make_shared<const Json>(std::move(known->options)) : nullptr;
  }

  // The next items of the hash; cursor "" begins. Items there throughout a whole scan come exactly
  // once, whatever is written meanwhile; others at most once. A chunk may be empty and not the
  // last. No items when the hash is not there.
  virtual Chunk scan(std::string_view path, std::string_view cursor) = 0;

  // As scan(), but shows the items one by one, and gives the cursor to go on from. What `see`
  // throws ends it.
  virtual std::string each(std::string_view path, std::string_view cursor, const SeeItem& see) {
    Chunk chunk = scan(path, cursor);
    for (const Item& item : chunk.items) see({item.key, item.text, item.expires});
    return std::move(chunk.next);
  }

  // The next of the items that expire at `now` or before, and cursors, as of a scan. Who has all of
  // them removed as they are told goes on until `next` is "". A backend that finds them without
  // looking at the others does it here.
  virtual Chunk expired(std::string_view path, Expires now, std::string_view cursor) {
    Chunk chunk = scan(path, cursor);
    std::erase_if(chunk.items,
                  [&](const Item& item) { return item.expires == 0 || item.expires > now; });
    return chunk;
  }

  // The text of the record at the path, but for white space between its tokens. A hash's header is
  // a record too; its pages are not.
  virtual std::optional<std::string> record(std::string_view path) = 0;

  // The hashes and plain records whose path begins with the prefix (of text, not of segments).
  virtual PathChunk paths(std::string_view prefix, std::string_view cursor) = 0;

  // Of a snapshot: names its moment for changedKeys() of later ones, also after the store was
  // opened anew. "" where moments have no names.
  virtual std::string moment() { return {}; }

  // Of a snapshot: keys of the hash, such that all items with other keys are as they were at that
  // moment. nullopt when they can not be told, or are too many.
  virtual std::optional<std::vector<std::string>> changedKeys(std::string_view /*path*/,
                                                              std::string_view /*moment*/) {
    return std::nullopt;
  }
};

// Called now and then with how many of so many bytes were looked at.
using CompactProgress = std::function<void(std::uint64_t done, std::uint64_t total)>;

// All calls may come from several threads at once. A reader sees all of a batch or none of it.
class Backend : public View {
 public:
  // All of the batch or, when it throws, none of it. Throws Conflict when a hash or record would
  // come to lie inside another hash's pages (`H/data` and below), around an existing one (a hash at
  // P where something is at `P/data` or below), or a hash on a record or a record on a hash;
  // NoSuchKey on a Put into a hash that is not there. `removed` counts the items of a hash that a
  // Rename replaces. Once it has returned, the end of the process, however sudden, does not undo
  // it.
  virtual Applied apply(const Batch& batch) = 0;

  // The same, and calls `visible` once everybody sees the batch, before it is waited for that it is
  // as durable as is promised: what was locked for it may be let go then, so that others need not
  // wait for the disk too.
  virtual Applied applyThen(const Batch& batch, const std::function<void()>& visible) {
    Applied applied = apply(batch);
    visible();
    return applied;
  }

  // Stores under the key what decide() gives; then as applyThen() of that Put. False, with nothing
  // done, when there is no hash; nor is anything done when decide() throws. Whoever calls this
  // holds the item's lock, so that nobody changes the item meanwhile. A backend whose items are at
  // hand looks for this one once.
  virtual bool edit(std::string_view path, std::string_view key, const EditItem& decide,
                    const FunctionRef<void()>& visible);

  // The short way for an item that is there and that nobody has locked: replaces its text by what
  // decide() gives, keeps when it expires, and gives true. The caller holds no lock of the item;
  // this is one step to whoever takes its lock, or that of the hash. Nothing is done, and false
  // given, when somebody holds or awaits one of these locks, when the item is not there, when
  // decide() gives nothing, and whenever a backend has no such way. Nor is anything done when
  // decide() throws.
  virtual bool editAtOnce(std::string_view /*path*/, std::string_view /*key*/,
                          const EditText& /*decide*/) {
    return false;
  }

  // On return everything applied so far survives a loss of power.
  virtual void sync() = 0;

  // All that is stored, but for what is hidden, as it is at one moment, for as long as the view
  // lives; this must outlive it. Nothing is changed in it by who holds the writers' locks of what
  // he changes, as everybody must. A backend that can not keep what was leaves this as it is: then
  // the view holds those locks, shared, and writers wait for its end.
  virtual std::unique_ptr<View> snapshot();

  // Looks at everything stored and reports what is wrong. Changes nothing.
  virtual void check(Report& report) = 0;

  // The same, and takes those of these files (relative to the store's directory) that were damaged,
  // or changed by hand, for what they should be, if they have the right form. Throws NoSuchKey,
  // with nothing accepted, when there is no such file.
  virtual void accept(std::span<const std::string> files, Report& report) {
    if (!files.empty()) throw Error(Code::NoSuchKey, "no such file in the store: " + files.front());
    check(report);
  }

  // Mends what check() finds, as far as that loses no item, and reports what it did; on a dry run
  // what it would do.
  virtual void repair(Report& report, bool dryRun) = 0;

  // How the hash lies in the store, top down; empty when there is no hash.
  virtual std::vector<LayoutNode> layout(std::string_view path) = 0;

  // What there is to say of the store as a whole beyond its hashes and items, in an order for
  // people.
  virtual std::vector<Figure> figures() { return {}; }

  // Gives back the room of what was overwritten or removed, where the store keeps any, and says how
  // many bytes that were. Nothing that can be read changes, and others read and write meanwhile.
  // What `progress` throws ends it there, with the store whole.
  virtual std::uint64_t compact(const CompactProgress& /*progress*/) { return 0; }

  // What is applied from now on, here and by every other process. Null for a store that can not be
  // followed.
  virtual std::unique_ptr<ChangeFeed> follow() { return nullptr; }

  // Every file the store owns, relative to its directory, sorted; none for a store without files.
  virtual std::vector<std::string> files() = 0;

  // Makes a hash or record known to paths() that another program wrote where the layout does not
  // tell paths. Throws NoSuchKey when there is none.
  virtual void adopt(std::string_view path) = 0;

  virtual Locks& locks() = 0;
};

// Makes a backend from its own section of the config (an object; its unknown members are the
// factory's to refuse). `common` has the settings that hold for every backend.
struct CommonSettings {
  std::string durability = "crash";  // or "power"
  Millis lockTimeout{30'000};
  // How long what was acknowledged at "crash" may be away from the disk, and what was changed away
  // from its files; 0: every call that writes returns when it is in its files.
  Millis syncInterval{1000};
  bool lowerCaseKeys = true;  // how paths are normalised before the backend sees them
  // Nothing is to be written, so what is stored is opened without a change to it as far as other
  // processes let it. The calls that write are refused before the backend sees them.
  bool readOnly = false;
};
using BackendFactory =
    std::function<std::unique_ptr<Backend>(const Json& section, const CommonSettings& common)>;

// Throws InvalidArgument for what the factory would refuse in a section; opens and makes nothing.
using BackendCheck = std::function<void(const Json& section, const CommonSettings& common)>;

// Makes a backend known by name to every Storage opened after. A name that is taken, also a
// built-in one, is InvalidArgument. Without a check any section passes Storage::checkConfig().
// Thread-safe.
void registerBackend(const std::string& name, BackendFactory factory, BackendCheck check = {});

// A backend by name: a built-in one or a registered one. An unknown name is InvalidArgument, with
// the known ones in the message. For backends that wrap another.
std::unique_ptr<Backend> makeBackend(const std::string& name, const Json& section,
                                     const CommonSettings& common = {});
// The same, but only checks.
void checkBackend(const std::string& name, const Json& section, const CommonSettings& common = {});

}  // namespace hexpage
