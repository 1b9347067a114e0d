// Storage: a store, open.
#pragma once

#include <functional>
#include <hexpage/backend.hpp>
#include <hexpage/change_event.hpp>
#include <hexpage/clock.hpp>
#include <hexpage/follower.hpp>
#include <hexpage/hashes.hpp>
#include <hexpage/lock.hpp>
#include <hexpage/transaction.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace hexpage {

// All methods may be called from several threads at once. The destructor closes the store; nothing
// else may use it then. Move-only.
class Storage : public Hashes {
 public:
  // Opens the store that the config describes (docs/configuration.md has every member), making its
  // directory when there is none:
  //   {"backend": "filesystem", "hash_page_size": 50, "filesystem": {"base_dir": "data"}}
  // Throws InvalidArgument for an unknown member (with the nearest known name), a value out of
  // range or a directory of another layout; LockTimeout when another process that is
  // recovering it does not let this one in; Io, Corrupt. Other processes, and others of this one,
  // may have it open too (docs/processes.md).
  // The clock tells what has expired; a test gives one that it sets.
  static Storage open(const Json& config, WallClock clock = systemTime);

  // The same with the config read from a JSON file; with "" from the file that the environment
  // variable HEXPAGE_CONFIG names. A relative `base_dir` is relative to the working directory.
  static Storage openFile(const std::string& configFile = "");

  // Throws InvalidArgument as open() would for what the config says; opens and makes nothing.
  static void checkConfig(const Json& config);

  // A store over a backend that the caller made.
  static Storage over(std::unique_ptr<Backend> backend, const Json& config = Json::object(),
                      WallClock clock = systemTime);

  // Begins a transaction over the hashes and records at these paths, which need not be there yet.
  // Waits for their locks at most `timeout` in all, without one `lock_timeout`, in an order that
  // lets no two wait for each other, then throws LockTimeout.
  Transaction begin(const std::vector<std::string>& names,
                    std::optional<Millis> timeout = std::nullopt);

  // The same without names: each hash and record is locked when it is used first, by a read too.
  // When two wait for each other one of them gets LockTimeout at once, which ends its transaction.
  Transaction begin();

  // work(Transaction&) in a transaction that is committed when it returns, unless it has ended it
  // itself, and rolled back when it throws. Gives what work gives. In it, writing to a hash of the
  // transaction past it, through the Storage, is InvalidArgument.
  //   storage.transaction({"accounts", "audit"}, [](Transaction& tx) { ... });
  template <class Work>
  auto transaction(const std::vector<std::string>& names, Work&& work) {
    return run(begin(names), work);
  }
  template <class Work>
  auto transaction(Work&& work) {
    return run(begin(), work);
  }

  // A lock of your own, as far as the store reaches: among threads and, where the store may be
  // opened by several, processes. It locks no hash: only others who ask for the same name wait.
  // Names are UTF-8 of 1 to 1024 bytes without control characters, and not "item:...". Waits at
  // most `timeout`, without one `lock_timeout`, then throws LockTimeout. Not re-entrant.
  Lock lock(std::string_view name, LockMode mode = LockMode::Exclusive,
            std::optional<Millis> timeout = std::nullopt);
  Lock lockShared(std::string_view name, std::optional<Millis> timeout = std::nullopt) {
    return lock(name, LockMode::Shared, timeout);
  }

  // The same without waiting: nullopt when somebody else has it.
  std::optional<Lock> tryLock(std::string_view name, LockMode mode = LockMode::Exclusive);

  // The user's lock of one item, which need not be there; nor does it keep anybody from writing to
  // it without the lock. The thread that took it owns it and may take it again: it is free when all
  // its Locks are. Threads that would wait for each other's items get LockTimeout at once.
  Lock lockItem(std::string_view path, std::string_view key,
                std::optional<Millis> timeout = std::nullopt);

  // handler(key, value), once for each item of the hash that this Storage removes because its time
  // has come: by hashSweep or, with `sweep_interval`, by itself. The item is gone by then; one that
  // the handler puts in its place stays.
  [[nodiscard]] Subscription onExpired(
      std::string_view path,
      std::function<void(const std::string& key, const Json& value)> handler);

  // handler(event) for each change that this Storage makes, of hashes and records whose path begins
  // with the prefix (of text), once everybody sees it. Those of one hash come in the order in which
  // they were made, those of a transaction together.
  //
  // Handlers run one at a time in a thread of the Storage, with no lock held: they may do whatever
  // their program may, but for closing the Storage. Nobody waits for them; what they are slow to
  // take is kept in memory, and told before the Storage closes. What a handler throws ends that
  // call alone, and eventProblem() has it.
  [[nodiscard]] Subscription onChange(std::string_view prefix,
                                      std::function<void(const ChangeEvent& event)> handler);

  // What the last handler that threw has thrown, behind the path; "" when none did.
  std::string eventProblem() const;

  // What happens from now on to hashes and records whose path begins with the prefix, whichever
  // process does it; told as far as hexpage does it, not Node or an editor. Each change is read
  // once, nothing else is. nullopt where a store can not be followed: in memory, and one that was
  // opened to read only, unless its files are another process's to write.
  //   auto follower = storage.follow("users");
  //   while (isRunning) follower->next([&](const ChangeEvent& event) { ... }, Millis(100));
  std::optional<Follower> follow(std::string_view prefix);

  // On return everything acknowledged so far survives a loss of power.
  void sync();

  // Why the config's last save of a hash to its database failed; "" when none did.
  std::string saveProblem() const;

  // Why the removal of expired items at intervals failed the last time; "" when it did not.
  std::string sweepProblem() const;

  // Who holds or waits for the locks of hashes, records and names, in this process and in all
  // others that have the store open. A process that does not answer, as one that is stopped, comes
  // with an empty name.
  std::vector<LockEntry> locks();

  // Looks at everything stored; changes nothing. Reads go on meanwhile; writes wait for its end.
  Report verify();

  // The same, and takes files that do not match their checksums, because somebody has changed them
  // by hand, for what they should be. Each is named as verify() names it. Only what has the right
  // form is accepted; the rest stays a finding. Throws NoSuchKey for what is no file of the store.
  Report accept(const std::vector<std::string>& files);

  // Mends what verify() finds without losing an item; unreadable files are moved aside into
  // `.hexpage/quarantine`. On a dry run only says what it would do.
  Report repair(bool dryRun = false);

  // How a hash lies in the store: its pages, with their items and bytes. Throws NoSuchKey.
  std::vector<LayoutNode> layout(std::string_view path);

  // What the backend tells of the store as a whole.
  std::vector<Figure> figures();

  // Gives back the room of what was overwritten or removed, where the backend keeps any, and says
  // how many bytes that were. Others read and write meanwhile. Not needed: backends that keep such
  // room give most of it back by themselves. What `progress` throws ends it, with the store whole.
  std::uint64_t compact(
      const std::function<void(std::uint64_t done, std::uint64_t total)>& progress = {});

  // Every file the store owns, relative to its directory, sorted.
  std::vector<std::string> files();

  // Makes a hash or record that another program wrote known to hashes() and list(), where file
  // names do not tell paths (the MD5 layout). Throws NoSuchKey when there is none.
  void adopt(std::string_view path);

  Storage(Storage&&) noexcept = default;
  Storage& operator=(Storage&& other) noexcept;
  ~Storage() { close(); }

 private:
  friend Session& sessionOf(Storage& storage);  // for the library's own parts
  using Hashes::Hashes;

  void close() noexcept;  // ends what goes on by itself, and tells the last events

  template <class Work>
  static auto run(Transaction tx, Work& work) {
    Hold inside = tx.inside();
    if constexpr (std::is_void_v<std::invoke_result_t<Work&, Transaction&>>) {
      work(tx);
      inside.free();
      tx.finish();
    } else {
      auto result = work(tx);
      inside.free();
      tx.finish();
      return result;
    }
  }
};

}  // namespace hexpage
