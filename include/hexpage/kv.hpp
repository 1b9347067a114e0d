// A key-value store of its own: the engine below the backend `binary`, usable without the hash API.
// The keys and values are any bytes, and are kept in trees: tables that share a store, its log and
// its transactions. Who needs one table uses tree 0, which is always there.
//
//   kv::Database store = kv::Database::open("data");
//   store.set("answer", "42");
//   kv::Transaction change = store.begin();
//   change.set("answer", "43");
//   change.commit();
//
// A store is a directory; several processes may have it open at once. All calls throw
// hexpage::Error. A Database may be used by several threads at once; a Transaction, a Snapshot and
// a Cursor by one at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <hexpage/types.hpp>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hexpage::kv {

inline constexpr std::size_t kMaxKey = (std::size_t{64} << 10) + 64;
inline constexpr std::size_t kMaxValue = std::size_t{1} << 30;

using TreeId = std::uint64_t;

enum class Durability {
  Crash,  // what was committed survives the end of the process, however sudden; a loss of power
          // takes at most what came in the last sync interval, and whole transactions only
  Power,  // what was committed survives a loss of power
};

// When the frame of the log around a value is compared with its checksum before the value is given.
enum class VerifyReads {
  Never,
  First,  // when it is first read since the store was opened, if it was not written by this process
  Always,  // each time, in case the disk's content changes while the store is open
};

struct Options {
  bool readOnly = false;
  bool create = true;  // make the store where there is none
  Durability durability = Durability::Crash;
  Millis syncInterval{1000};                 // between syncs in the background
  Millis lockTimeout{30'000};                // how long a writer waits for another
  std::uint64_t segmentBytes = 64 << 20;     // of a file of the log: 64 KiB to 64 MiB
  std::uint64_t checkpointBytes = 64 << 20;  // of log between checkpoints of the index
  std::uint64_t indexCacheBytes = 0;         // of index pages in memory; 0: no limit
  std::uint64_t expectedRecords = 0;         // in tree 0, for a quick load of a new store
  VerifyReads verifyReads = VerifyReads::First;
  bool compactInBackground = true;
  // Rights of the files and directories that are made, whatever the umask; the owner's must be
  // among them.
  unsigned fileMode = 0600;
  unsigned directoryMode = 0700;
  bool allowSharedDirectory = false;  // others may write to it, though directoryMode says no
  bool allowNetworkFilesystem = false;
};

// Whether Transaction::commit() tells of a change.
enum class Counted { No, Yes };

// What a transaction does. One that only removes may use room on the disk that others leave free.
enum class Purpose { Change, Remove };

// So much of this machine's memory, for Options.
std::uint64_t percentOfMemory(unsigned percent);

struct Entry {
  std::string_view key;
  std::string_view value;
};

// A value to set, the second piece right behind the first, for who has it in two places.
struct Pieces {
  std::string_view first;
  std::string_view second;

  std::size_t size() const { return first.size() + second.size(); }
};

// One record of a store, as long as the key is not set again and no compaction moves it. No other
// record ever has the same.
struct RecordId {
  std::uint64_t hash = 0;  // of its key
  std::uint64_t address = 0;
  std::uint64_t segment = 0;
};

struct Stats {
  std::uint64_t records = 0;  // in all trees
  std::uint64_t trees = 0;    // that have records
  std::uint64_t segments = 0;
  std::uint64_t logBytes = 0;
  std::uint64_t deadBytes = 0;  // of the log, that compacting would give back
  std::uint64_t indexMemoryBytes = 0;
  std::uint64_t indexFileBytes = 0;
  std::uint64_t indexPages = 0;
  std::uint64_t indexSlots = 0;  // records / indexSlots is the fill
  unsigned indexDepth = 0;       // bits of the deepest directory
};

// A file of the log.
struct SegmentInfo {
  std::string file;
  std::uint64_t bytes = 0;
  std::uint64_t deadBytes = 0;  // of records that no longer count
  bool isDamaged = false;       // as compacting it found out, so that it stays as it is
};

class Store;
struct Roots;

// The store at one moment, while Database::look() goes on; not to be kept.
class View {
 public:
  std::optional<std::string> get(std::string_view key, TreeId tree = 0) const;
  // Calls with the value, without a copy of it; false when there is none.
  bool read(std::string_view key, const std::function<void(std::string_view value)>& reader,
            TreeId tree = 0) const;
  std::uint64_t count(TreeId tree = 0) const;
  // The record of the key; nullopt when there is none. Whether it still is the key's record is told
  // without a look at it.
  std::optional<RecordId> idOf(std::string_view key, TreeId tree = 0) const;
  bool has(const RecordId& record, TreeId tree = 0) const;

  // Calls with records of the tree in the order of their keys' hashes, beginning at the hash
  // `from`, until there were `entries` or `bytes`. Gives the hash where to go on; nullopt at the
  // end. That place means the same in every view of the store, whatever was written meanwhile:
  // records there throughout come exactly once. Keys of one hash come together.
  std::optional<std::uint64_t> scan(TreeId tree, std::uint64_t from, std::size_t entries,
                                    std::size_t bytes,
                                    const std::function<void(const Entry&)>& each) const;

  // Every tree that has records, but 0.
  std::vector<TreeId> trees() const;
  // The pages of the index that a tree has, in the order of the hashes.
  struct PageInfo {
    std::uint64_t records = 0;
    std::uint64_t bytes = 0;     // of their keys and values
    std::uint64_t capacity = 0;  // records that it has slots for
  };
  std::vector<PageInfo> pages(TreeId tree) const;

 private:
  friend class Store;
  friend class Snapshot;
  View(Store& store, const Roots& roots) : store_(store), roots_(roots) {}
  Store& store_;
  const Roots& roots_;
};

// The records of a tree as they were at one moment, in the order in which they were written.
class Cursor {
 public:
  Cursor(Cursor&&) noexcept;
  Cursor& operator=(Cursor&&) noexcept;
  ~Cursor();

  // nullopt at the end. The views hold until the next call.
  std::optional<Entry> next();

 private:
  friend class Snapshot;
  struct State;
  explicit Cursor(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// A change that was committed. The views hold during the call that gives it.
struct Committed {
  enum class Kind { Set, Erase, DropTree, NewTree };
  Kind kind = Kind::Set;
  TreeId tree = 0;
  std::string_view key{};
  std::string_view value{};  // the note of an Erase
};

// Everything that is committed from the moment of a snapshot on, by any process, in its order: read
// from the log. Keeps nobody waiting, and of what was compacted away at most one file of the log.
class Tail {
 public:
  Tail(Tail&&) noexcept;
  Tail& operator=(Tail&&) noexcept;
  ~Tail();

  // Looks how much is committed by now. Whether there is something of it to read.
  bool look();
  enum class Found {
    Transaction,
    Nothing,  // what look() saw is read
    Lost,     // what comes next was compacted away before it was read; from here on nothing is told
  };
  // Calls for each change of the next transaction; those of one without any are passed over.
  Found next(const std::function<void(const Committed& change)>& each);

 private:
  friend class Store;
  struct State;
  explicit Tail(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// The store as it was at one moment. Keeps no writer waiting, but what it sees keeps its room on
// disk.
class Snapshot {
 public:
  Snapshot(Snapshot&&) noexcept;
  Snapshot& operator=(Snapshot&&) noexcept;
  ~Snapshot();

  std::optional<std::string> get(std::string_view key, TreeId tree = 0) const;
  std::uint64_t count(TreeId tree = 0) const;
  Cursor cursor(TreeId tree = 0) const;
  // To be used as long as the snapshot is there.
  View view() const;

  // Tells what is committed after this moment. May outlive the snapshot.
  Tail tail() const;

  // Names this moment, as long as the store is there.
  std::string moment() const;
  // Calls for all keys that were set or erased between that moment and this, and perhaps for others
  // whose records an older version of hexpage has moved; for a tree that was dropped with an empty
  // key. Reads what was written since, not more. False, perhaps after some calls, when that can not
  // be told: the log of then was compacted since, or the moment is another store's.
  bool eachChangeSince(std::string_view moment,
                       const std::function<void(TreeId tree, std::string_view key)>& each) const;

 private:
  friend class Database;
  struct State;
  explicit Snapshot(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;
};

// The one writer, from begin() to its end. Sees its own changes; nobody else does before commit().
class Transaction {
 public:
  Transaction(Transaction&&) noexcept;
  Transaction& operator=(Transaction&&) noexcept;
  // Rolls back what was not committed.
  ~Transaction();

  std::optional<std::string> get(std::string_view key, TreeId tree = 0) const;
  bool contains(std::string_view key, TreeId tree = 0) const;
  void set(std::string_view key, std::string_view value, TreeId tree = 0,
           Counted counted = Counted::No);
  void set(std::string_view key, const Pieces& value, TreeId tree = 0,
           Counted counted = Counted::No);
  // Whether it was there. The note stands in the log, for who follows it.
  bool erase(std::string_view key, TreeId tree = 0, std::string_view note = {});

  // An id that no tree of this store ever had.
  TreeId newTree();
  // Takes a tree with all that is in it away, however much that is, at once.
  void dropTree(TreeId tree, Counted counted = Counted::No);

  struct Counts {
    std::uint64_t added = 0;    // by sets of keys that were not there
    std::uint64_t removed = 0;  // by drops
  };

  // Gives what the counted changes did. When it throws NoSpace, nothing of it was done; either way
  // the transaction is over. Calls
  // `visible` once everybody sees it, before it waits for the disk at Durability::Power.
  Counts commit(const std::function<void()>& visible = {});
  void rollback();

 private:
  friend class Database;
  struct State;
  explicit Transaction(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

class Database {
 public:
  // Throws InvalidArgument for a directory that others may write to, or that lies on a network
  // filesystem, unless that is allowed; and for options out of their range.
  static Database open(const std::string& directory, const Options& options = {});
  Database(Database&&) noexcept;
  Database& operator=(Database&&) noexcept;
  // Closes, and swallows what goes wrong then: nothing that was committed is lost by it.
  ~Database();

  std::optional<std::string> get(std::string_view key, TreeId tree = 0) const;
  bool contains(std::string_view key, TreeId tree = 0) const;
  // Calls with the value, without a copy of it; false when there is none. When this throws, what
  // the reader saw may be wrong.
  using Reader = std::function<void(std::string_view value)>;
  bool read(std::string_view key, const Reader& reader, TreeId tree = 0) const;
  // In the order of the keys, all from one moment.
  std::vector<std::optional<std::string>> getMany(std::span<const std::string_view> keys,
                                                  TreeId tree = 0) const;

  // Each of these is a transaction. Throws LockTimeout while another has the store for longer than
  // the option says. `visible` is called as by Transaction::commit().
  void set(std::string_view key, std::string_view value, TreeId tree = 0,
           const std::function<void()>& visible = {});
  void set(std::string_view key, const Pieces& value, TreeId tree = 0,
           const std::function<void()>& visible = {});
  bool erase(std::string_view key, TreeId tree = 0);
  // Waits until no other transaction is open, here or in another process.
  Transaction begin(Purpose purpose = Purpose::Change);
  // After a transaction that threw NoSpace: gives back what was overwritten or erased in one file of
  // the log, if that is worth it. Whether there is more room now, so that the transaction may be
  // tried anew; set() and erase() do so by themselves.
  bool makeRoom(Purpose purpose = Purpose::Change);

  // Several reads of one moment. `work` is called anew when something is committed meanwhile, so
  // it must begin afresh each time; who wants a moment for long takes a snapshot.
  void look(const std::function<void(const View&)>& work) const;

  std::uint64_t count(TreeId tree = 0) const;
  Snapshot snapshot() const;
  Cursor cursor(TreeId tree = 0) const;

  // On return everything committed so far survives a loss of power.
  void sync();
  // Writes the index down, so that the next opening need not read the log.
  void checkpoint();
  // Gives back the room of all that was overwritten or erased. Calls now and then with how many of
  // so many bytes of the log were looked at; what that throws ends it, with the store whole. A file
  // of the log that is damaged is left as it is; once all others are compacted Corrupt tells of it.
  using Progress = std::function<void(std::uint64_t done, std::uint64_t total)>;
  void compact(const Progress& progress = {});
  // Reads everything and reports what is damaged. Changes nothing.
  void verify(Report& report) const;
  Stats stats() const;
  // In the order in which they were written.
  std::vector<SegmentInfo> segments() const;
  void close();

 private:
  explicit Database(std::shared_ptr<Store> store);
  std::shared_ptr<Store> store_;
};

// Saves every record that can be read of a damaged store into a new one, opened with these options,
// and reports what was lost.
void salvage(const std::string& damaged, const std::string& into, Report& report,
             Options options = {});

}  // namespace hexpage::kv
