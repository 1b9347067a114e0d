// What a batch makes of the hashes and records that it touches: first beside them, then as the
// writes of one commit. The batch has passed checkStructure().
#pragma once

#include <hexpage/batch.hpp>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "paged/hash_state.hpp"
#include "paged/record_store.hpp"
#include "paged/tree.hpp"

namespace hexpage {

using StatesByPath = std::map<std::string, HashState*, std::less<>>;

class BatchEdit {
 public:
  // `states` has every hash that the batch names, each locked exclusively; it outlives this.
  BatchEdit(const StatesByPath& states, TreeLimits limits) : states_(states), limits_(limits) {}

  void apply(const Batch& batch);

  // For who changes a hash by other means than a batch. The hash must exist.
  TreeEdit& treeOf(const std::string& path) { return edit(path).tree; }
  void setLengthOf(const std::string& path, std::uint64_t length);

  const Applied& applied() const { return applied_; }
  // Which changes of the batch changed nothing; to be asked once.
  std::vector<bool> takeIdle() { return std::move(idle_); }
  // Of each hash the pages from the leaves up, then the header; removals last of all.
  std::vector<RecordWrite> writes();
  // Makes the states what was committed. `versions` are of writes(), in its order.
  void install(std::span<const VersionPtr> versions);

 private:
  struct HashEdit {
    HashState& state;
    std::optional<Header> header;
    bool headerChanged = false;
    TreeEdit tree;
  };
  // Which part of a hash a write stands for.
  struct Target {
    HashEdit* hash = nullptr;         // null: a plain record
    std::optional<std::string> node;  // nullopt: the header
  };

  static std::optional<VersionPtr> replacedBy(const Target& target);
  HashEdit& edit(const std::string& path);
  void setLength(HashEdit& hash, std::uint64_t length);
  void empty(HashEdit& hash);

  bool isRecordThere(const std::string& path);

  // Whether it changes anything.
  bool one(const Create& change);
  bool one(const Put& change);
  bool one(const Remove& change);
  bool one(const Clear& change);
  bool one(const Drop& change);
  bool one(const Rename& change);
  bool one(const PutRecord& change);
  bool one(const EraseRecord& change);

  void addTexts(HashEdit& hash, std::vector<RecordWrite>& writes);
  void addRemovals(HashEdit& hash, std::vector<RecordWrite>& writes);
  void addText(std::vector<RecordWrite>& writes, RecordWrite write, Target target);
  void addRemoval(std::vector<RecordWrite>& writes, const std::string& path, bool isNamed,
                  Target target);

  const StatesByPath& states_;
  TreeLimits limits_;
  std::map<std::string, HashEdit, std::less<>> edits_;
  std::map<std::string, std::optional<std::string>, std::less<>> records_;  // nullopt: erased
  std::vector<Target> targets_;                                             // of writes()
  std::optional<std::unordered_set<std::string>> written_;  // the texts' paths, once asked for
  Applied applied_;
  std::vector<bool> idle_;
};

}  // namespace hexpage
