// JSON records as files.
//
// How records are placed, one after the other:
//  (1) A new text is written into a spare file.
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
#include "filesystem/spares.hpp"
#include "paged/record_store.hpp"

namespace hexpage {

// Safe between threads, but for records that are placed by several at once.
class FileStore {
 public:
  // The directory is there and has this layout. `spares` is the folder that this process alone
  // keeps spares in.
  FileStore(int directory, std::string baseDir, const FileLayout& layout, std::string spares);

  struct Content {
    std::string text;
    Stamp stamp;
  };
  std::optional<Content> read(std::string_view path) const;
  std::optional<Stamp> stamp(std::string_view path) const;

  // Gives the stamps of the texts, in the order of the writes. May be done again when it was
  // stopped or has failed; then moves that were done are left alone.
  std::vector<Stamp> place(std::span<const RecordWrite> writes);
  // On return everything placed so far is on disk.
  void sync();

  // As RecordStore has them.
  void walk(std::string_view root, std::string_view after,
            const std::function<Walk(std::string_view path)>& visit) const;
  void remember(std::string_view path);
  bool tellsPaths() const { return layout_.rawFilePaths; }
  std::string fileOf(std::string_view path) const { return layout_.fileOf(path); }
  std::vector<std::string> files() const;
  std::string readFile(const std::string& file) const;
  std::string quarantine(const std::string& file, RecordStore::Aside aside);

 private:
  void addFiles(const std::string& folder, std::vector<std::string>& files) const;
  bool walkFolder(const std::string& path, bool skipsPages, std::string_view after,
                  const std::function<Walk(std::string_view path)>& visit) const;

  const int directory_;
  const std::string baseDir_;
  const FileLayout layout_;
  Spares spares_;
  std::unique_ptr<KnownPaths> paths_;  // null where file names tell them
};

}  // namespace hexpage
