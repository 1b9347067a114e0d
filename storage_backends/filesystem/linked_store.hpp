// The records of a filesystem store as they were at one moment: hard links to their files, in a
// folder of the store's own. A file that has a second link is never written into again (see
// spares.hpp), so they stay as they are.
#pragma once

#include <memory>
#include <string>

#include "filesystem/file_store.hpp"
#include "support/fd.hpp"
#include "support/fork_watch.hpp"
#include "support/local_locks.hpp"

namespace hexpage {

class LinkedStore : public RecordStore {
 public:
  // The folder that the process with this place in the store keeps them in.
  static std::string folderOf(const std::string& place);
  // Removes what an earlier process with this place has left.
  static void removeLeft(int directory, const std::string& place);

  // `options` are those of the store. Nobody changes a file meanwhile. Null where the file system
  // has no hard links.
  static std::unique_ptr<LinkedStore> make(int directory, FileStoreOptions options,
                                           const std::string& folder);
  ~LinkedStore() override;  // removes the links

  void recover(Redo) override {}
  Claim claim(std::span<const std::string_view>, LockMode, bool) override { return Claim(1); }
  Claim claimStructure(LockMode) override { return Claim(1); }
  Claim claimAll() override { return Claim(1); }

  std::optional<StoredRecord> read(std::string_view path) override;
  std::optional<CheckedRecord> readChecked(std::string_view path) override;
  void seal(std::string_view path, Children children) override;
  bool isCurrent(std::string_view, const VersionPtr&) override { return true; }
  std::optional<std::uint64_t> size(std::string_view path) override;
  Committed commit(std::vector<RecordWrite> writes, const Origin& origin) override;
  void awaitDurable(LogPosition) override {}
  void sync() override {}

  void walk(std::string_view root, std::string_view after,
            const std::function<Walk(std::string_view path)>& visit) override;
  void remember(std::string_view) override {}
  bool tellsPaths() const override { return files_.tellsPaths(); }
  std::string fileOf(std::string_view path) override { return layout_.fileOf(path); }
  std::vector<std::string> files(std::string_view folder) override { return files_.files(folder); }
  std::string readFile(const std::string& file) override { return files_.readFile(file); }
  std::string quarantine(const std::string& file, Aside aside) override;
  Locks& locks() override { return locks_; }

 private:
  LinkedStore(int store, const std::string& folder, FileStoreOptions options);

  const Fd store_;            // its directory, which may be moved meanwhile
  const std::string folder_;  // of the links, in there
  const FileLayout layout_;   // of the store
  ForkWatch forked_{[] {}};
  Fd directory_;
  FileStore files_;  // walks over the paths
  LocalLocks locks_;
};

}  // namespace hexpage
