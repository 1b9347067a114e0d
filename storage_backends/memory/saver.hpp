// Saves a store in memory to its file: when asked, now and then, and at the end; and loads it at
// the beginning. See saving.hpp for how it leaves those who write in peace.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <hexpage/types.hpp>
#include <mutex>
#include <set>
#include <string>
#include <thread>

#include "memory/catalog.hpp"
#include "memory/saving.hpp"
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
  Saver(const SaveSettings& settings, ManyReadersLock& structure, Catalog& catalog, Saving& saving);
  // Saves; what goes wrong then is lost with what was not saved. A forked child saves nothing.
  ~Saver();

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
  void writeNames(SnapshotWriter& writer);
  void writeTables(SnapshotWriter& writer, std::uint64_t newest);
  bool writeTable(SnapshotWriter& writer, const std::string& path, std::uint64_t number);
  void writeItems(SnapshotWriter& writer);

  ManyReadersLock& structure_;
  Catalog& catalog_;
  Saving& saving_;
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
