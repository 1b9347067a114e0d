// JSON records as files.
//
// How records are placed, one after the other:
//  (1) A new text is written into a spare file, and the spare is sealed (see seal.hpp).
//  (2) The spare changes places with the record's file (renameat2 EXCHANGE), or becomes it where
//      there was none; a file to be removed is moved among the spares. A reader of the files sees
//      one whole text or the other.
//  (3) What was replaced is the spare for the next text, what was removed is unlinked. At the end
//      folders that are empty are removed.
// Nothing is synced here, and what stops in the middle is placed again from the beginning: the
// journal has it (see journaled_store.hpp).
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "filesystem/file_layout.hpp"
#include "filesystem/known_paths.hpp"
#include "filesystem/posix.hpp"
#include "filesystem/publication.hpp"
#include "filesystem/seal.hpp"
#include "filesystem/spares.hpp"
#include "paged/record_store.hpp"

namespace hexpage {

struct FileStoreOptions {
  std::string baseDir;
  FileLayout layout;
  std::string spares;  // the folder that this process alone keeps spares in; "": nothing is placed
  std::uint64_t store = 0;        // whose seals the files have
  std::optional<bool> checksums;  // nullopt: where the filesystem can hold them
  Modes modes = {};
};

// Safe between threads, but for records that are placed by several at once.
class FileStore {
 public:
  // The directory is there and has this layout. Throws InvalidArgument when it can not hold the
  // checksums that the options ask for.
  FileStore(int directory, FileStoreOptions options);

  struct Content {
    std::string text;
    Stamp stamp;
    Children children;  // of an index, as its seal has them
  };
  // Throws Corrupt for a file that does not match its seal.
  std::optional<Content> read(std::string_view path) const { return read(path, fileOf(path)); }
  // The same where the record's file is a link of another name.
  std::optional<Content> read(std::string_view path, const std::string& file) const;
  std::optional<Stamp> stamp(std::string_view path) const;

  const FileStoreOptions& options() const { return options_; }

  // As RecordStore has them.
  std::optional<CheckedRecord> readChecked(std::string_view path) const {
    return readChecked(path, fileOf(path));
  }
  std::optional<CheckedRecord> readChecked(std::string_view path, const std::string& file) const;
  void seal(std::string_view path, Children children) const;

  // Gives the stamps of the texts, in the order of the writes. May be done again when it was
  // stopped or has failed; then moves that were done are left alone.
  std::vector<Stamp> place(std::span<const RecordWrite> writes);
  // Keeps aside what the record's file holds that nobody has seen who made the write, as place()
  // does.
  void keepForeign(const RecordWrite& write) const;
  // Gives back the room of files that are kept to be written over. False when there were none.
  bool giveSparesBack() noexcept { return spares_ && spares_->giveBack(); }
  // On return everything placed so far is on disk.
  void sync();

  // As RecordStore has them.
  void walk(std::string_view root, std::string_view after,
            const std::function<Walk(std::string_view path)>& visit) const;
  void remember(std::string_view path);
  bool tellsPaths() const { return options_.layout.rawFilePaths; }
  std::string fileOf(std::string_view path) const { return options_.layout.fileOf(path); }
  std::vector<std::string> files(std::string_view folder = "") const;
  std::string readFile(const std::string& file) const;
  std::string quarantine(const std::string& file, RecordStore::Aside aside);

 private:
  void seal(int fd, const RecordWrite& write, const std::string& file) const;
  void move(const RecordWrite& write, Publication& publication);
  void addFiles(const std::string& folder, std::vector<std::string>& files) const;
  bool walkFolder(const std::string& path, bool skipsPages, std::string_view after,
                  const std::function<Walk(std::string_view path)>& visit) const;

  const int directory_;
  const FileStoreOptions options_;
  std::unique_ptr<Spares> spares_;
  const Seals seals_;
  const bool hasSeals_;
  std::unique_ptr<KnownPaths> paths_;  // null where file names tell them
};

}  // namespace hexpage
