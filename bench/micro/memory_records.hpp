// Records in a std::map: what is left of the paged layout's cost when no file is written.
#pragma once

#include <hexpage/error.hpp>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "paged/record_store.hpp"
#include "support/local_locks.hpp"

namespace hexpage::bench {

class MemoryRecords : public RecordStore {
 public:
  // There is no other process, and nothing outlives this one.
  void recover(Redo) override {}
  Claim claim(std::span<const std::string_view>, LockMode, bool) override { return Claim(1); }
  Claim claimStructure(LockMode) override { return Claim(1); }
  Claim claimAll() override { return Claim(1); }
  void awaitDurable(LogPosition) override {}
  void sync() override {}

  std::optional<StoredRecord> read(std::string_view path) override {
    const std::lock_guard lock(mutex_);
    const auto found = records_.find(path);
    if (found == records_.end()) return std::nullopt;
    const Kept& record = found->second;
    return StoredRecord{std::string(record.text.view()), record.version, record.children};
  }

  std::optional<CheckedRecord> readChecked(std::string_view path) override {
    auto stored = read(path);
    if (!stored) return std::nullopt;
    return CheckedRecord{std::move(stored->text), std::nullopt, stored->children};
  }

  void seal(std::string_view, Children) override {}

  bool isCurrent(std::string_view path, const VersionPtr& version) override {
    const std::lock_guard lock(mutex_);
    const auto found = records_.find(path);
    return version == (found == records_.end() ? nullptr : found->second.version);
  }

  std::optional<std::uint64_t> size(std::string_view path) override {
    const std::lock_guard lock(mutex_);
    const auto found = records_.find(path);
    return found == records_.end() ? std::nullopt : std::optional(found->second.text.size());
  }

  Committed commit(std::vector<RecordWrite> writes, const Origin&) override {
    const std::lock_guard lock(mutex_);
    Committed committed;
    for (RecordWrite& write : writes) committed.versions.push_back(place(write));
    return committed;
  }

  // Opening a store looks for what an earlier process left; here there is nothing.
  void walk(std::string_view, std::string_view,
            const std::function<Walk(std::string_view)>&) override {}
  void remember(std::string_view) override {}
  bool tellsPaths() const override { return true; }

  std::string fileOf(std::string_view path) override { return std::string(path); }
  std::vector<std::string> files(std::string_view) override { return {}; }
  std::string readFile(const std::string& file) override { throwNoFiles(file); }
  std::string quarantine(const std::string& file, Aside) override { throwNoFiles(file); }

  Locks& locks() override { return locks_; }

 private:
  struct Kept {
    SharedText text;
    VersionPtr version;
    Children children;
  };

  [[noreturn]] static void throwNoFiles(const std::string& file) {
    throw Error(Code::Io, file + ": records in memory have no files");
  }

  VersionPtr place(RecordWrite& write) {
    if (write.kind == RecordWrite::Kind::Text) {
      auto version = std::make_shared<const Version>(Stamp{++lastStamp_, 0, write.content.size()});
      records_.insert_or_assign(std::move(write.path),
                                Kept{std::move(write.content), version, write.children});
      return version;
    }
    auto moved = write.kind == RecordWrite::Kind::Move
                     ? records_.extract(std::string(write.content.view()))
                     : decltype(records_)::node_type();
    records_.erase(write.path);
    if (moved) {
      moved.key() = std::move(write.path);
      records_.insert(std::move(moved));
    }
    return nullptr;
  }

  std::mutex mutex_;
  std::map<std::string, Kept, std::less<>> records_;
  std::uint64_t lastStamp_ = 0;
  LocalLocks locks_;
};

}  // namespace hexpage::bench
