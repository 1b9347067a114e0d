#include "memory/memory_backend.hpp"

#include <algorithm>
#include <hexpage/error.hpp>
#include <mutex>
#include <new>
#include <optional>
#include <shared_mutex>
#include <utility>

#include "memory/catalog.hpp"
#include "memory/memory_edit.hpp"
#include "memory/memory_view.hpp"
#include "memory/moments.hpp"
#include "memory/saver.hpp"
#include "support/local_locks.hpp"
#include "support/many_readers_lock.hpp"
#include "support/options.hpp"
#include "support/structure.hpp"

namespace hexpage {
namespace {

constexpr std::size_t kPathsAtOnce = 1000;

std::string headerText(const MemoryHash& hash) {
  Header header = *hash.header;
  header.setLength(hash.table.size().items);
  return header.text();
}

// The change of a batch that makes or changes one item, and no hash unless that item's own is
// missing, as most batches do; otherwise nullptr.
const Change* loneChange(const Batch& batch) {
  if (batch.changes.size() == 1) return &batch.changes.front();
  if (batch.changes.size() != 2) return nullptr;
  const auto* const create = std::get_if<Create>(&batch.changes.front());
  const auto* const put = std::get_if<Put>(&batch.changes.back());
  return create && put && create->path == put->path ? &batch.changes.back() : nullptr;
}

// Lock order: structure_, then shards by their addresses.
class MemoryBackend : public Backend, private Structure {
 public:
  explicit MemoryBackend(const std::optional<SaveSettings>& save) {
    if (save) saver_.emplace(*save, structure_, catalog_, moments_);
  }

  std::optional<HashInfo> info(std::string_view path) override {
    std::shared_lock structure(structure_);
    const MemoryHash* const hash = catalog_.hash(path);
    if (!hash) return std::nullopt;
    HashInfo info = hash->header->info(path);
    info.length = hash->table.size().items;
    return info;
  }

  std::vector<std::optional<Value>> get(std::string_view path,
                                        std::span<const std::string_view> keys) override {
    std::shared_lock structure(structure_);
    const MemoryHash* const hash = catalog_.hash(path);
    if (!hash) return std::vector<std::optional<Value>>(keys.size());
    return hash->table.get(keys);
  }

  std::optional<Value> getOne(std::string_view path, std::string_view key) override {
    std::shared_lock structure(structure_);
    const MemoryHash* const hash = catalog_.hash(path);
    if (!hash) return std::nullopt;
    return hash->table.get(key);
  }

  std::shared_ptr<const Json> options(std::string_view path) override {
    std::shared_lock structure(structure_);
    MemoryHash* const hash = catalog_.hash(path);
    return hash ? hash->options() : nullptr;
  }

  Chunk scan(std::string_view path, std::string_view cursor) override {
    std::shared_lock structure(structure_);
    const MemoryHash* const hash = catalog_.hash(path);
    return hash ? hash->table.scan(cursor) : Chunk{};
  }

  std::string each(std::string_view path, std::string_view cursor, const SeeItem& see) override {
    std::shared_lock structure(structure_);
    const MemoryHash* const hash = catalog_.hash(path);
    if (!hash) return "";
    return hash->table.each(cursor, [&](const Entry& entry) {
      see({entry.key(), entry.text(), entry.expires()});
    });
  }

  Chunk expired(std::string_view path, Expires now, std::string_view cursor) override {
    std::shared_lock structure(structure_);
    const MemoryHash* const hash = catalog_.hash(path);
    return hash ? hash->table.expired(now, cursor) : Chunk{};
  }

  std::optional<std::string> record(std::string_view path) override {
    std::shared_lock structure(structure_);
    const Catalog::Entry* const entry = catalog_.find(path);
    if (!entry) return std::nullopt;
    return entry->hash ? headerText(*entry->hash) : *entry->record;
  }

  PathChunk paths(std::string_view prefix, std::string_view cursor) override {
    std::shared_lock structure(structure_);
    PathChunk chunk;
    const bool isFirst = cursor.empty();
    catalog_.each(isFirst ? prefix : cursor, isFirst, [&](const std::string& path, auto& entry) {
      if (!path.starts_with(prefix)) return false;
      if (isHidden(path)) return true;
      if (chunk.entries.size() == kPathsAtOnce) {
        chunk.next = chunk.entries.back().path;
        return false;
      }
      chunk.entries.push_back({path, entry.hash != nullptr});
      return true;
    });
    return chunk;
  }

  Applied apply(const Batch& batch) override {
    const Applied applied = applyWhole(batch);
    if (saver_) saver_->noteChange();
    return applied;
  }

  bool edit(std::string_view path, std::string_view key, const EditItem& decide,
            const FunctionRef<void()>& visible) override {
    bool isCrowded = false;
    {
      std::shared_lock structure(structure_);
      MemoryHash* const hash = catalog_.hash(path);
      if (!hash) return false;
      const Json& options = *hash->options();
      const bool isNew = hash->table.edit(key, [&](const Entry* entry) {
        const auto before = [entry]() -> std::optional<ItemSeen> {
          if (!entry) return std::nullopt;
          return ItemSeen{entry->key(), entry->text(), entry->expires()};
        };
        return decide(before, options);
      });
      isCrowded = (isNew || hash->table.isAwaited()) && hash->table.isCrowded();
    }
    if (isCrowded) spread(path);
    if (saver_) saver_->noteChange();
    visible();
    return true;
  }

  bool editAtOnce(std::string_view path, std::string_view key, const EditText& decide) override {
    const HashedKey hashed(key);
    const auto isFree = [&] { return locks_.isItemFree(path, hashed.hash); };
    {
      std::shared_lock structure(structure_);
      MemoryHash* const hash = catalog_.hash(path);
      if (!hash) return false;
      const auto textAfter = [&](const Entry& entry) {
        return decide({entry.key(), entry.text(), entry.expires()}, *hash->options());
      };
      if (!hash->table.editAtOnce(hashed, isFree, textAfter)) return false;
    }
    if (saver_) saver_->noteChange();
    return true;
  }

  void sync() override {
    if (saver_) saver_->save();
  }

  // Waits for those who are in the midst of a change, and holds up the others for that long and as
  // long as the view is being made.
  std::unique_ptr<View> snapshot() override {
    std::unique_lock structure(structure_);
    return std::make_unique<MemoryView>(catalog_, moments_);
  }

  void check(Report& report) override {
    std::shared_lock structure(structure_);
    catalog_.each("", true, [&](const std::string&, const Catalog::Entry& entry) {
      const auto size = entry.hash ? entry.hash->table.size() : MemoryTable::Size();
      ++(entry.hash ? report.hashes : report.records);
      report.items += size.items;
      report.bytes += size.bytes + (entry.record ? entry.record->size() : 0);
      return true;
    });
    if (!saver_ || saver_->problem().empty()) return;
    report.findings.push_back(
        {Severity::Error, saver_->file(), "the last save failed: " + saver_->problem(), ""});
  }

  void repair(Report& report, bool) override { check(report); }

  std::vector<LayoutNode> layout(std::string_view path) override {
    std::shared_lock structure(structure_);
    const MemoryHash* const hash = catalog_.hash(path);
    if (!hash) return {};
    std::vector<LayoutNode> nodes;
    for (const auto& size : hash->table.shardSizes())
      nodes.push_back({"shard " + std::to_string(nodes.size()), 0, false, size.items, size.bytes});
    return nodes;
  }

  std::vector<std::string> files() override {
    return saver_ ? saver_->files() : std::vector<std::string>();
  }

  void adopt(std::string_view path) override {
    if (!record(path)) throw Error(Code::NoSuchKey, "no such hash or record: " + std::string(path));
  }

  Locks& locks() override { return locks_; }

 private:
  // --- Structure; the caller holds structure_ ---
  Kind kindOf(std::string_view path) override {
    const Catalog::Entry* const entry = catalog_.find(path);
    if (!entry) return Kind::None;
    return entry->hash ? Kind::Hash : Kind::Record;
  }

  void below(std::string_view root, const std::function<bool(std::string_view)>& visit) override {
    catalog_.each(root, true, [&](const std::string& path, auto&) {
      return isWithin(path, root) && !visit(path);
    });
  }

  Applied applyWhole(const Batch& batch) {
    if (const Change* const change = loneChange(batch))
      if (const auto applied = applyLone(*change)) return *applied;
    {
      std::shared_lock structure(structure_);
      if (batch.changes.size() <= MemoryTable::kManyItems && !isStructural(batch, *this)) {
        checkStructure(batch, *this);
        const Applied applied = applyNow(batch, shardsOf(batch));
        structure.unlock();
        if (applied.added > 0) spreadTables(batch);
        return applied;
      }
    }
    std::unique_lock structure(structure_);
    checkStructure(batch, *this);
    const Applied applied = applyNow(batch, {});
    eachPut(batch, [this](const std::string& path) { spreadIfCrowded(path); });
    return applied;
  }

  // nullopt for what takes more than a look at one hash.
  std::optional<Applied> applyLone(const Change& change) {
    if (const auto* const put = std::get_if<Put>(&change)) return putLone(*put);
    const auto* const remove = std::get_if<Remove>(&change);
    if (!remove) return std::nullopt;
    std::shared_lock structure(structure_);
    MemoryHash* const hash = catalog_.hash(remove->path);
    return Applied{0, hash && hash->table.remove(remove->key)};
  }

  std::optional<Applied> putLone(const Put& put) {
    Applied applied;
    {
      std::shared_lock structure(structure_);
      MemoryHash* const hash = catalog_.hash(put.path);
      if (!hash) return std::nullopt;
      applied.added = hash->table.put(put.key, put.text, put.expires);
      if (!applied.added || !hash->table.isCrowded()) return applied;
    }
    spread(put.path);
    return applied;
  }

  void spread(std::string_view path) noexcept {
    std::unique_lock structure(structure_);
    spreadIfCrowded(path);
  }

  // The caller holds structure_, exclusively. Without memory for it the table is slower until a
  // later put.
  void spreadIfCrowded(std::string_view path) noexcept {
    MemoryHash* const hash = catalog_.hash(path);
    try {
      if (hash && hash->table.isCrowded()) hash->table.spread();
    } catch (const std::bad_alloc&) {
    }
  }

  // Calls see(path) for each put, of several in a row to one hash once.
  template <class See>
  static void eachPut(const Batch& batch, See see) {
    const std::string* last = nullptr;
    for (const Change& change : batch.changes) {
      const auto* const put = std::get_if<Put>(&change);
      if (!put || (last && *last == put->path)) continue;
      last = &put->path;
      see(*last);
    }
  }

  void spreadTables(const Batch& batch) noexcept {
    bool isAnyCrowded = false;
    {
      std::shared_lock structure(structure_);
      eachPut(batch, [&](const std::string& path) {
        const MemoryHash* const hash = catalog_.hash(path);
        isAnyCrowded = isAnyCrowded || (hash && hash->table.isCrowded());
      });
    }
    if (!isAnyCrowded) return;
    std::unique_lock structure(structure_);
    eachPut(batch, [this](const std::string& path) { spreadIfCrowded(path); });
  }

  // All shards that the batch changes, so that readers see all of it or none.
  std::vector<Shard*> shardsOf(const Batch& batch) {
    std::vector<Shard*> shards;
    for (const Change& change : batch.changes) {
      if (const auto* const put = std::get_if<Put>(&change)) {
        shards.push_back(&catalog_.hash(put->path)->table.shardOf(HashedKey(put->key)));
      } else if (const auto* const remove = std::get_if<Remove>(&change)) {
        if (MemoryHash* const hash = catalog_.hash(remove->path))
          shards.push_back(&hash->table.shardOf(HashedKey(remove->key)));
      } else if (const auto* const clear = std::get_if<Clear>(&change)) {
        if (MemoryHash* const hash = catalog_.hash(clear->path))
          for (Shard& shard : hash->table.shards()) shards.push_back(&shard);
      }
    }
    return shards;
  }

  // The caller has checked the batch and holds structure_, exclusively if the batch changes what
  // the catalog has.
  Applied applyNow(const Batch& batch, std::vector<Shard*> shards) {
    const ShardLocks writing(std::move(shards));
    MemoryEdit edit(catalog_, moments_);
    const Applied applied = edit.prepare(batch);
    edit.commit();
    return applied;
  }

  ManyReadersLock structure_;  // the catalog, not the items of a hash
  Moments moments_;
  Catalog catalog_;
  LocalLocks locks_;
  std::optional<Saver> saver_;  // ends first: it saves at the end
};

std::optional<SaveSettings> saveSettings(const Json& section) {
  constexpr std::uint64_t kMinute = 60'000, kDay = 86'400'000;
  Options options(section, "memory");
  SaveSettings save{options.text("save_to", ""),
                    Millis(options.number("save_interval", kMinute, 0, kDay))};
  options.finish();
  if (save.file.empty()) return std::nullopt;
  return save;
}

}  // namespace

void checkMemorySection(const Json& section, const CommonSettings&) { saveSettings(section); }

std::unique_ptr<Backend> makeMemoryBackend(const Json& section, const CommonSettings&) {
  return std::make_unique<MemoryBackend>(saveSettings(section));
}

}  // namespace hexpage
