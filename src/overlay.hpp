// The store as an open transaction sees it: a Backend that keeps its changes to itself until
// commit, over one that it does not change. For one thread at a time. Whoever uses it holds the
// writers' locks of all paths that it changes or reads items of.
#pragma once

#include <cstddef>
#include <cstdint>
#include <hexpage/backend.hpp>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <variant>
#include <vector>

#include "pending_changes.hpp"
#include "pending_hash.hpp"
#include "support/structure.hpp"
#include "undo_log.hpp"

namespace hexpage {

class Overlay : public Backend, private Structure {
 public:
  // `base` must outlive it. A call that would make the changes take more than `maxBytes` in all is
  // refused.
  Overlay(Backend& base, std::size_t maxBytes) : base_(base), maxBytes_(maxBytes) {}

  std::optional<HashInfo> info(std::string_view path) override;
  std::shared_ptr<const Json> options(std::string_view path) override;
  std::vector<std::optional<Value>> get(std::string_view path,
                                        std::span<const std::string_view> keys) override;
  // Tells the new items first, then those of the base. The cursor holds in this object only.
  Chunk scan(std::string_view path, std::string_view cursor) override;
  std::optional<std::string> record(std::string_view path) override;
  PathChunk paths(std::string_view prefix, std::string_view cursor) override;
  // What is hidden is built in the base at once, for it may be large, and goes with a rollback.
  Applied apply(const Batch& batch) override;

  // Hands all changes to the base as one batch. When that throws, nothing is done. Either way this
  // one is over, and every later call throws InvalidArgument.
  void commit();
  void rollback() noexcept;

  // These are the base's own: a transaction says nothing of them.
  void sync() override { base_.sync(); }
  void check(Report& report) override { base_.check(report); }
  void accept(std::span<const std::string> files, Report& report) override {
    base_.accept(files, report);
  }
  void repair(Report& report, bool dryRun) override { base_.repair(report, dryRun); }
  std::vector<LayoutNode> layout(std::string_view path) override { return base_.layout(path); }
  std::vector<Figure> figures() override { return base_.figures(); }
  std::uint64_t compact(const CompactProgress& progress) override {
    return base_.compact(progress);
  }
  std::vector<std::string> files() override { return base_.files(); }
  void adopt(std::string_view path) override { base_.adopt(path); }
  Locks& locks() override { return base_.locks(); }

 private:
  struct Nothing {};
  struct Record {
    std::size_t change;  // where its text is pending
  };
  using Entry = std::variant<Nothing, Record, PendingHash>;

  // --- Structure ---
  Kind kindOf(std::string_view path) override;
  void below(std::string_view root, const std::function<bool(std::string_view)>& visit) override;

  void requireOpen() const;
  const Entry* find(std::string_view path) const;  // nullptr: as it is in the base
  const PendingHash* findHash(std::string_view path) const;
  PendingHash* hashAt(const std::string& path);  // taken from the base if need be
  Edit& lookUp(PendingHash& hash, const std::string& key);
  void lookUp(PendingHash& hash, std::span<const std::string_view> keys);
  void lookUpKeys(const Batch& batch);

  // Each does one step of a batch or, when it throws, nothing; undo_ takes it back.
  std::size_t pend(Change change);
  void pendAt(std::size_t place, Change change);
  void setEntry(const std::string& path, Entry entry);
  void setHash(PendingHash& hash, PendingHash other);
  void edit(PendingHash& hash, Edit& edit, Edit::Kind kind, Change change);

  void make(const Create& change, Applied& applied);
  void make(const Put& change, Applied& applied);
  void make(const Remove& change, Applied& applied);
  void make(const Clear& change, Applied& applied);
  void make(const Drop& change, Applied& applied);
  void make(const Rename& change, Applied& applied);
  void make(const PutRecord& change, Applied& applied);
  void make(const EraseRecord& change, Applied& applied);

  Chunk scanNew(const PendingHash& hash, std::uint64_t number, std::string_view after);
  Chunk scanBase(std::string_view path, std::uint64_t number, std::string_view baseCursor);
  void edited(const PendingHash& hash, std::vector<Item>& items) const;

  void dropHidden() noexcept;
  void end() noexcept;

  Backend& base_;
  std::size_t maxBytes_;
  bool isOpen_ = true;
  std::map<std::string, Entry, std::less<>> entries_;  // what is not as it is in the base
  PendingChanges pending_;
  UndoLog undo_;  // of the batch that is being applied
  // By the number of a scan that told new items, what it told: for a change of page size in the
  // midst of it puts them into the base, where it comes by again.
  std::map<std::uint64_t, std::unordered_set<std::string>> told_;
  std::vector<std::string> hidden_;  // hashes that were built in the base
};

}  // namespace hexpage
