// JSON records as files: the RecordStore of the filesystem backend.
//
// How a commit goes, and what it leaves when it stops:
//  (1) Every new text is written into a spare file. What can fail for want of space fails here,
//      with nothing changed.
//  (2) In the order given, each spare changes places with the record's file (renameat2 EXCHANGE),
//  or
//      becomes it where there was none; a file to be removed is moved among the spares. A reader of
//      the files sees one whole text or the other. When a step fails, those before it are taken
//      back.
//  (3) With durability "power" the folders are synced; when that fails, nothing more is written
//      before the store is opened anew. Then what was replaced becomes a spare for the next commit,
//      what was removed is unlinked, and folders that are empty are removed.
// A process killed within (2) leaves some records new and some old: nothing here redoes a commit
// yet.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "filesystem/file_layout.hpp"
#include "filesystem/known_paths.hpp"
#include "filesystem/posix.hpp"
#include "filesystem/publication.hpp"
#include "filesystem/spares.hpp"
#include "paged/record_store.hpp"
#include "support/local_locks.hpp"

namespace hexpage {

struct FileStoreOptions {
  std::string baseDir;
  FileLayout layout;
  bool syncs = false;  // each commit is on disk before it is acknowledged
  Millis lockTimeout{30'000};
};

class FileStore : public RecordStore {
 public:
  // Makes the directory if need be. Throws InvalidArgument for one of another layout, LockTimeout
  // when another Storage has it open.
  explicit FileStore(const FileStoreOptions& options);

  std::optional<StoredRecord> read(std::string_view path) override;
  std::optional<Stamp> stamp(std::string_view path) override;
  std::vector<Stamp> commit(std::span<const RecordWrite> writes) override;
  void sync() override;
  void walk(std::string_view root, std::string_view after,
            const std::function<Walk(std::string_view path)>& visit) override;
  void remember(std::string_view path) override;
  bool tellsPaths() const override { return options_.layout.rawFilePaths; }
  std::string fileOf(std::string_view path) override { return options_.layout.fileOf(path); }
  std::vector<std::string> files() override;
  std::string readFile(const std::string& file) override;
  std::string quarantine(const std::string& file, Aside aside) override;
  Locks& locks() override { return locks_; }

 private:
  void recordLayout();
  void syncFolders(Publication& publication);
  void addFiles(const std::string& folder, std::vector<std::string>& files);
  bool walkFolder(const std::string& path, bool skipsPages, std::string_view after,
                  const std::function<Walk(std::string_view path)>& visit);

  const FileStoreOptions options_;
  Fd directory_;
  Fd lock_;
  std::unique_ptr<Spares> spares_;
  std::unique_ptr<KnownPaths> paths_;  // null where file names tell them
  std::atomic<bool> syncFailed_{false};
  LocalLocks locks_;
};

}  // namespace hexpage
