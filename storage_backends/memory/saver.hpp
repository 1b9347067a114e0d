// Saves a store in memory to its file: when asked, now and then, and at the end; and loads it at
// the beginning. What it saves is a view of one moment, so that others write meanwhile.
#pragma once

#include <atomic>
#include <condition_variable>
#include <hexpage/types.hpp>
#include <mutex>
#include <string>
#include <thread>

#include "memory/catalog.hpp"
#include "memory/moments.hpp"
#include "memory/snapshot.hpp"
#include "support/fork_watch.hpp"
#include "support/lock_file.hpp"
#include "support/many_readers_lock.hpp"

namespace hexpage {

struct SaveSettings {
  std::string file;
  Millis interval;  // 0: only when asked and at the end
};

class Saver {
 public:
  // Loads what the file has into the empty catalog. Throws Corrupt for a damaged file, which stays
  // as it is, and Conflict when another store has the file.
  Saver(const SaveSettings& settings, ManyReadersLock& structure, Catalog& catalog,
        Moments& moments);
  // Saves; what goes wrong then is lost with what was not saved. A forked child saves nothing.
  ~Saver();

  // Something was changed that is not saved. Any thread may.
  void noteChange() noexcept {
    if (!isChanged_.load(std::memory_order_relaxed)) isChanged_ = true;
  }

  // On return the file has all that was done before the call.
  void save();

  const std::string& file() const { return place_.path; }
  std::vector<std::string> files() const { return {place_.name, place_.name + ".lock"}; }
  std::string problem() const;  // why the last save failed; "" when it did not

 private:
  void load();
  void run(Millis interval);
  void saveIfChanged() noexcept;
  void write();

  ManyReadersLock& structure_;
  Catalog& catalog_;
  Moments& moments_;
  std::atomic<bool> isChanged_{false};
  const SnapshotPlace place_;
  LockFile lock_;
  std::mutex one_;  // saves at a time
  mutable std::mutex mutex_;
  std::condition_variable isOver_;
  bool isStopping_ = false;
  std::string problem_;
  ForkWatch forks_{[] {}};
  std::thread thread_;
};

}  // namespace hexpage
