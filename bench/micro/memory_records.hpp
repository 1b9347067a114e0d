// Records in a std::map: what is left of the paged layout's cost when no file is written.
#pragma once

#include <hexpage/error.hpp>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "paged/record_store.hpp"
#include "support/local_locks.hpp"

namespace hexpage::bench {

class MemoryRecords : public RecordStore {
 public:
  std::optional<StoredRecord> read(std::string_view path) override {
    const std::lock_guard lock(mutex_);
    const auto found = records_.find(path);
    if (found == records_.end()) return std::nullopt;
    return found->second;
  }

  std::optional<Stamp> stamp(std::string_view path) override {
    const std::lock_guard lock(mutex_);
    const auto found = records_.find(path);
    if (found == records_.end()) return std::nullopt;
    return found->second.stamp;
  }

  std::vector<Stamp> commit(std::span<const RecordWrite> writes) override {
    const std::lock_guard lock(mutex_);
    std::vector<Stamp> stamps;
    for (const RecordWrite& write : writes) {
      if (write.kind == RecordWrite::Kind::Text) {
        const Stamp stamp{++lastStamp_, 0, write.content.size()};
        records_.insert_or_assign(write.path, StoredRecord{write.content, stamp});
        stamps.push_back(stamp);
      } else if (write.kind == RecordWrite::Kind::Move) {
        auto record = records_.extract(write.content);
        record.key() = write.path;
        records_.erase(write.path);
        records_.insert(std::move(record));
      } else {
        records_.erase(write.path);
      }
    }
    return stamps;
  }

  void sync() override {}

  // Opening a store looks for what an earlier process left; here there is nothing.
  void walk(std::string_view, std::string_view,
            const std::function<Walk(std::string_view)>&) override {}
  void remember(std::string_view) override {}
  bool tellsPaths() const override { return true; }

  std::string fileOf(std::string_view path) override { return std::string(path); }
  std::vector<std::string> files() override { return {}; }
  std::string readFile(const std::string& file) override { throwNoFiles(file); }
  std::string quarantine(const std::string& file, Aside) override { throwNoFiles(file); }

  Locks& locks() override { return locks_; }

 private:
  [[noreturn]] static void throwNoFiles(const std::string& file) {
    throw Error(Code::Io, file + ": records in memory have no files");
  }

  std::mutex mutex_;
  std::map<std::string, StoredRecord, std::less<>> records_;
  std::uint64_t lastStamp_ = 0;
  LocalLocks locks_;
};

}  // namespace hexpage::bench
