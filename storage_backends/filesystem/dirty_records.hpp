// The contents of records that are committed and not yet in their files: those that were cut off to
// be placed together, and what was committed since.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "paged/record_store.hpp"

namespace hexpage {

// Not safe between threads.
class DirtyRecords {
 public:
  struct Content {
    const RecordWrite* write = nullptr;  // a text or a removal; null: nothing of it is here
    std::shared_ptr<Version> version;    // of a text
  };

  // Makes room for the writes, so that put() does not fail. It gives back what it made when it
  // throws; giveBack() when put() is not to follow.
  void reserve(const std::vector<RecordWrite>& writes);
  void giveBack(const std::vector<RecordWrite>& writes) noexcept;
  void put(std::vector<RecordWrite>& writes,
           const std::vector<std::shared_ptr<Version>>& versions) noexcept;

  // The newest content.
  Content find(std::string_view path) const;

  // What came since the last cut.
  std::size_t count() const { return recent_.size(); }
  std::size_t bytes() const { return bytes_; }
  // How many of them have no file yet.
  std::size_t newFiles() const { return newFiles_; }
  // The same of the last cut, until it is placed.
  std::size_t countOfCut() const { return cut_.size(); }
  std::size_t newFilesOfCut() const { return newFilesOfCut_; }

  // Cuts off everything that is here, in the order of placing: pages from the leaves up, headers
  // and plain records, removals. Nothing may be cut off already.
  void cut();
  const std::vector<RecordWrite>& lastCut() const { return cut_; }
  // The texts of the cut are in files with these stamps.
  void dropCut(const std::vector<Stamp>& stamps);
  // Takes the texts from the cut that something newer has come of.
  std::vector<RecordWrite> takeSuperseded();
  // Undoes the cut; what came since stays the newest.
  void takeBack() noexcept;

  // The hashes and plain records here that are `root` or below it ("" for all), in the order of
  // paths, and whether each is there or removed.
  std::vector<std::pair<std::string, bool>> named(std::string_view root) const;

 private:
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>()(text);
    }
  };
  struct Recent {
    RecordWrite write;
    std::shared_ptr<Version> version;
  };

  void forgetCut() noexcept;

  using Recents = std::unordered_map<std::string, Recent, TextHash, std::equal_to<>>;

  Recents recent_;         // with room for those of the cut too
  std::size_t bytes_ = 0;  // of the texts in recent_
  std::size_t newFiles_ = 0;
  std::size_t newFilesOfCut_ = 0;
  std::vector<RecordWrite> cut_;
  std::vector<std::shared_ptr<Version>> cutVersions_;
  std::vector<Recents::node_type> cutNodes_;  // where they were, for takeBack()
  std::unordered_map<std::string_view, std::size_t> cutByPath_;
};

}  // namespace hexpage
