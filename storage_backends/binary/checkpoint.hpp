// Writes the index down while it is in use: from a snapshot, only what changed since, the log
// synced first, so that the index file is never ahead of the log on disk.
#pragma once

#include <hexpage/error.hpp>
#include <hexpage/types.hpp>
#include <mutex>

#include "binary/index_images.hpp"
#include "binary/log.hpp"

namespace hexpage::kv {

// A file of the log is gone that the index needs.
struct SegmentMissing : Error {
  explicit SegmentMissing(const std::string& file);
};

class Checkpointer {
 public:
  Checkpointer(int directory, mode_t fileMode, Index& index, Reclaimer& reclaimer,
               const LogRoom& room)
      : directory_(directory),
        fileMode_(fileMode),
        index_(index),
        reclaimer_(reclaimer),
        room_(room),
        images_(std::make_shared<IndexFiles>()) {}

  // Takes the index from the file in the place of what it has. False: there is none to take, or
  // another than the newest. Throws SegmentMissing.
  bool restore(Log& log, bool isWritable);
  Lsn restored() const { return restored_; }

  // Begins a checkpoint. The caller holds the index's lock, and lets it go for write().
  std::shared_ptr<const Index::Snapshot> begin();
  // Writes what the snapshot has. `summary` says what belongs to it, but for the places.
  void write(const Index::Snapshot& snapshot, Summary summary);
  // Looks at every piece of the file that counts.
  void verify(Report& report) const;
  std::uint64_t fileBytes() const { return fileBytes_; }

 private:
  bool mustBeWhole() const;
  void retireFile();
  void loadAll();
  void writeTo(const Index::Snapshot& snapshot, Summary summary);
  void beginFile(std::uint64_t store);
  void writeImages(const Roots& roots, Summary& summary);
  std::uint64_t writePage(Page& page);
  std::uint64_t writeDirectory(Directory& directory);
  std::uint64_t writeNode(TreeNode& node);
  bool isClean(std::uint64_t location) const {
    return location != 0 && fileOf(location) == number_;
  }

  int directory_;
  mode_t fileMode_;
  Index& index_;
  Reclaimer& reclaimer_;
  const LogRoom& room_;
  std::shared_ptr<IndexFiles> images_;
  std::shared_ptr<IndexFile> file_;
  std::uint64_t number_ = 0;  // of the file among the images
  std::uint64_t fullBytes_ = 0;
  std::atomic<std::uint64_t> fileBytes_{0};
  Lsn restored_;
  bool isWhole_ = false;
  bool isFailed_ = false;
};

}  // namespace hexpage::kv
