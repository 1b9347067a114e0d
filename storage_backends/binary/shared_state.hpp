// What the processes that have a store open tell each other, in the file `lock`: locks that the
// kernel frees when a process ends, and a page that all map.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "binary/address.hpp"
#include "filesystem/posix.hpp"
#include "support/mapping.hpp"

namespace hexpage::kv {

// Little endian machines only: it never leaves the machine.
struct SharedPage {
  std::atomic<std::uint64_t> boot;       // which start of the machine the rest is from
  std::atomic<std::uint64_t> committed;  // LSN: whole transactions up to here
  std::atomic<std::uint64_t> durable;    // LSN: on disk up to here
  std::atomic<std::uint64_t> removals;   // how many segments were taken off the disk
  std::atomic<std::uint32_t> isWanted;   // somebody waits for the writer's lock
  std::atomic<std::uint32_t> wake;       // changes when somebody who sleeps has to look
  std::atomic<std::uint32_t> hasFailed;  // a sync of the log: what is not durable may never be
};

enum class SharedLock { Writer = 0, Presence = 1, Checkpoint = 2, Compaction = 3 };

class SharedState {
 public:
  // Makes the file where there is none, if this may write. Who only reads the store changes nothing
  // here: it has the shared locks, and waits for the others without asking. Where there is no file
  // nobody has the store open: then it has a page of its own, and every lock.
  SharedState(int directory, bool mayWrite, mode_t mode);
  // False in that case.
  bool hasFile() const { return static_cast<bool>(fd_); }
  static bool isThere(int directory);

  SharedPage& page() const { return *page_; }
  bool isWritable() const { return isWritable_; }
  // Whether the page is from this start of the machine.
  bool isFromThisBoot() const;
  void claimBoot();

  // OFD locks: they hold against other processes and other openings in this one.
  bool tryLock(SharedLock lock, bool isShared);
  void unlock(SharedLock lock);

  // Sleeps until wake() is called anywhere or the time is over.
  void sleep(std::uint32_t seen, std::uint64_t milliseconds);
  void wake();

 private:
  Fd fd_;
  bool isWritable_;
  std::unique_ptr<Mapping> mapping_;
  std::unique_ptr<SharedPage> ownPage_;  // without a file
  SharedPage* page_;
};

}  // namespace hexpage::kv
