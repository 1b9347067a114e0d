// The RecordStore of a filesystem store that is only read, and that nobody has open to write:
// nothing on disk changes. What the journals hold beyond the files is applied in memory.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>

#include "filesystem/dirty_records.hpp"
#include "filesystem/file_store.hpp"
#include "filesystem/journaled_store.hpp"
#include "filesystem/reader_lock.hpp"
#include "support/local_locks.hpp"

namespace hexpage {

class ReadOnlyStore : public RecordStore {
 public:
  // Null when another process has the store open to write. Keeps such processes out for as long as
  // it lives. Throws Io for what is missing or may not be read.
  static std::unique_ptr<ReadOnlyStore> open(const JournaledStoreOptions& options);

  void recover(Redo redo) override;

  Claim claim(std::span<const std::string_view> paths, LockMode mode, bool withStructure) override;
  Claim claimStructure(LockMode mode) override;
  Claim claimAll() override;

  std::optional<StoredRecord> read(std::string_view path) override;
  std::optional<CheckedRecord> readChecked(std::string_view path) override;
  void seal(std::string_view path, Children children) override;
  bool isCurrent(std::string_view path, const VersionPtr& version) override;
  std::optional<std::uint64_t> size(std::string_view path) override;
  Committed commit(std::vector<RecordWrite> writes, const Origin& origin) override;
  void awaitDurable(LogPosition) override {}
  void sync() override {}

  void walk(std::string_view root, std::string_view after,
            const std::function<Walk(std::string_view path)>& visit) override;
  void remember(std::string_view) override {}
  bool tellsPaths() const override { return layout_.rawFilePaths; }
  std::string fileOf(std::string_view path) override { return layout_.fileOf(path); }
  std::vector<std::string> files(std::string_view folder) override;
  std::string readFile(const std::string& file) override { return files_->readFile(file); }
  std::string quarantine(const std::string& file, Aside aside) override;
  Locks& locks() override { return locks_; }

 private:
  ReadOnlyStore(const JournaledStoreOptions& options, Fd directory);
  void applyJournals(const Checkpoint& checkpoint, const Redo& redo);

  // Where a record's content is: in memory, in a file of the record with that path, or nowhere.
  struct Source {
    const RecordWrite* text = nullptr;
    VersionPtr version;
    std::optional<std::string> file;
  };
  Source sourceOf(std::string_view path) const;
  void put(RecordWrite write);
  void move(const RecordWrite& write);
  void keep(RecordWrite write);
  std::optional<FileStore::Content> contentOf(std::string_view path, const Source& source) const;
  void refuseChild() const;

  const std::string baseDir_;
  const FileLayout layout_;
  Fd directory_;
  std::optional<Checkpoint> checkpoint_;  // of a store that was opened to write before
  std::unique_ptr<FileStore> files_;
  std::unique_ptr<ReaderLock> lock_;
  LocalLocks locks_;
  bool isRecovered_ = false;
  DirtyRecords known_;  // what differs from the files; not changed any more once it is recovered
  std::set<std::string> removed_;  // files of records that are gone
};

}  // namespace hexpage
