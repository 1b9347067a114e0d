#include "memory/memory_backend.hpp"

#include <algorithm>
#include <hexpage/error.hpp>
#include <map>
#include <mutex>
#include <shared_mutex>

#include "memory/table.hpp"
#include "support/header.hpp"
#include "support/local_locks.hpp"
#include "support/options.hpp"
#include "support/path_rules.hpp"
#include "support/structure.hpp"

namespace hexpage {
namespace {

constexpr std::size_t kPathsAtOnce = 1000;

struct MemoryHash {
  explicit MemoryHash(Header h) : header(std::move(h)) {}

  mutable std::shared_mutex state;
  Header header;  // its length is brought up to date when it is read
  MemoryTable table;

  Header currentHeader() const {
    Header current = header;
    current.setLength(table.size());
    return current;
  }
};

// A hash or a plain record.
struct Entry {
  std::shared_ptr<MemoryHash> hash;  // null for a record
  std::string record;
};

struct PathOrder {
  using is_transparent = void;
  bool operator()(std::string_view a, std::string_view b) const { return pathLess(a, b); }
};

// Lock order: structure_, then the states of hashes by path.
class MemoryBackend : public Backend, private Structure {
 public:
  std::optional<HashInfo> info(std::string_view path) override {
    const auto hash = find(path);
    if (!hash) return std::nullopt;
    std::shared_lock reading(hash->state);
    HashInfo info = hash->header.info(path);
    info.length = hash->table.size();
    return info;
  }

  std::vector<std::optional<Value>> get(std::string_view path,
                                        std::span<const std::string_view> keys) override {
    std::vector<std::optional<Value>> values(keys.size());
    const auto hash = find(path);
    if (!hash) return values;
    std::shared_lock reading(hash->state);
    for (std::size_t i = 0; i < keys.size(); ++i)
      if (const Value* value = hash->table.find(keys[i])) values[i] = *value;
    return values;
  }

  Chunk scan(std::string_view path, std::string_view cursor) override {
    const auto hash = find(path);
    if (!hash) return {};
    std::shared_lock reading(hash->state);
    return hash->table.scan(cursor);
  }

  std::optional<std::string> record(std::string_view path) override {
    std::shared_lock structure(structure_);
    const auto entry = entries_.find(path);
    if (entry == entries_.end()) return std::nullopt;
    if (!entry->second.hash) return entry->second.record;
    std::shared_lock reading(entry->second.hash->state);
    return entry->second.hash->currentHeader().text();
  }

  PathChunk paths(std::string_view prefix, std::string_view cursor) override {
    std::shared_lock structure(structure_);
    PathChunk chunk;
    auto entry = cursor.empty() ? entries_.lower_bound(prefix) : entries_.upper_bound(cursor);
    for (; entry != entries_.end() && entry->first.starts_with(prefix); ++entry) {
      if (isHidden(entry->first)) continue;
      if (chunk.entries.size() == kPathsAtOnce) {
        chunk.next = chunk.entries.back().path;
        break;
      }
      chunk.entries.push_back({entry->first, entry->second.hash != nullptr});
    }
    return chunk;
  }

  Applied apply(const Batch& batch) override {
    {
      std::shared_lock structure(structure_);
      if (!isStructural(batch, *this)) {
        checkStructure(batch, *this);
        const auto writing = lockStates(batch);
        return applyAll(batch);
      }
    }
    std::unique_lock structure(structure_);
    checkStructure(batch, *this);
    return applyAll(batch);
  }

  void sync() override {}

  void check(Report& report) override {
    std::shared_lock structure(structure_);
    for (const auto& [path, entry] : entries_) {
      if (!entry.hash) {
        ++report.records;
        report.bytes += entry.record.size();
        continue;
      }
      std::shared_lock reading(entry.hash->state);
      ++report.hashes;
      report.items += entry.hash->table.size();
      report.bytes += entry.hash->table.bytes();
    }
  }

  void repair(Report& report, bool) override { check(report); }

  std::vector<LayoutNode> layout(std::string_view path) override {
    const auto hash = find(path);
    if (!hash) return {};
    std::shared_lock reading(hash->state);
    return {{"table in memory", 0, false, hash->table.size(), hash->table.bytes()}};
  }

  std::vector<std::string> files() override { return {}; }

  void adopt(std::string_view path) override {
    if (!record(path)) throw Error(Code::NoSuchKey, "no such hash or record: " + std::string(path));
  }

  Locks& locks() override { return locks_; }

 private:
  // --- Structure; the caller holds structure_ ---
  Kind kindOf(std::string_view path) override {
    const auto entry = entries_.find(path);
    if (entry == entries_.end()) return Kind::None;
    return entry->second.hash ? Kind::Hash : Kind::Record;
  }

  void below(std::string_view root, const std::function<bool(std::string_view)>& visit) override {
    for (auto entry = entries_.lower_bound(root);
         entry != entries_.end() && isWithin(entry->first, root); ++entry)
      if (visit(entry->first)) return;
  }

  std::shared_ptr<MemoryHash> find(std::string_view path) {
    std::shared_lock structure(structure_);
    const auto entry = entries_.find(path);
    return entry == entries_.end() ? nullptr : entry->second.hash;
  }

  // The states of all hashes whose items the batch changes, so that readers see all of it or none.
  std::vector<std::unique_lock<std::shared_mutex>> lockStates(const Batch& batch) {
    std::vector<std::string_view> paths;
    for (const Change& change : batch.changes)
      std::visit(
          [&](const auto& c) {
            if constexpr (requires { c.path; }) paths.push_back(c.path);
          },
          change);
    std::sort(paths.begin(), paths.end());
    paths.erase(std::unique(paths.begin(), paths.end()), paths.end());
    std::vector<std::unique_lock<std::shared_mutex>> locks;
    for (const std::string_view path : paths)
      if (MemoryHash* hash = hashAt(path)) locks.emplace_back(hash->state);
    return locks;
  }

  MemoryHash* hashAt(std::string_view path) {
    const auto entry = entries_.find(path);
    return entry == entries_.end() ? nullptr : entry->second.hash.get();
  }

  // The caller has checked the batch and holds its locks.
  Applied applyAll(const Batch& batch) {
    Applied applied;
    for (const Change& change : batch.changes)
      std::visit([&](const auto& c) { applyOne(c, applied); }, change);
    return applied;
  }

  void applyOne(const Create& c, Applied&) {
    if (!hashAt(c.path))
      entries_[c.path] = {std::make_shared<MemoryHash>(Header::make(c.options, Style::Compact)),
                          {}};
  }
  void applyOne(const Put& c, Applied& applied) {
    applied.added += hashAt(c.path)->table.put(c.key, c.text, c.expires);
  }
  void applyOne(const Remove& c, Applied& applied) {
    if (MemoryHash* hash = hashAt(c.path)) applied.removed += hash->table.remove(c.key);
  }
  void applyOne(const Clear& c, Applied& applied) {
    MemoryHash* hash = hashAt(c.path);
    if (!hash) return;
    applied.removed += hash->table.size();
    hash->table = MemoryTable();
  }
  void applyOne(const Drop& c, Applied& applied) {
    MemoryHash* hash = hashAt(c.path);
    if (!hash) return;
    applied.removed += hash->table.size();
    entries_.erase(c.path);
  }
  void applyOne(const Rename& c, Applied& applied) {
    if (c.from == c.to || !hashAt(c.from)) return;
    if (const MemoryHash* replaced = hashAt(c.to)) applied.removed += replaced->table.size();
    entries_[c.to] = std::move(entries_[c.from]);
    entries_.erase(c.from);
  }
  void applyOne(const PutRecord& c, Applied&) { entries_[c.path] = {nullptr, c.text}; }
  void applyOne(const EraseRecord& c, Applied&) { entries_.erase(c.path); }

  std::shared_mutex structure_;  // entries_, not what is inside a hash
  std::map<std::string, Entry, PathOrder> entries_;
  LocalLocks locks_;
};

}  // namespace

void checkMemorySection(const Json& section, const CommonSettings&) {
  Options(section, "memory").finish();
}

std::unique_ptr<Backend> makeMemoryBackend(const Json& section, const CommonSettings& common) {
  checkMemorySection(section, common);
  return std::make_unique<MemoryBackend>();
}

}  // namespace hexpage
