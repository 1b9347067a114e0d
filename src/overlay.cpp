#include "overlay.hpp"

#include <algorithm>
#include <hexpage/error.hpp>
#include <type_traits>
#include <utility>

#include "batch_size.hpp"
#include "support/path_rules.hpp"

namespace hexpage {
namespace {

constexpr std::size_t kKeysAtOnce = 1000;

Header headerOf(Backend& base, std::string_view path) {
  auto text = base.record(path);
  auto header = text ? Header::parse(std::move(*text)) : std::nullopt;
  if (!header) throw Error(Code::Corrupt, std::string(path) + ": not the header of a hash");
  return std::move(*header);
}

// The path of a change to the items of one hash; nullptr for other changes.
const std::string* itemPath(const Change& change) {
  if (const auto* put = std::get_if<Put>(&change)) return &put->path;
  if (const auto* removed = std::get_if<Remove>(&change)) return &removed->path;
  return nullptr;
}

const std::string& itemKey(const Change& change) {
  if (const auto* put = std::get_if<Put>(&change)) return put->key;
  return std::get<Remove>(change).key;
}

bool isHiddenWholly(const Batch& batch) {
  return std::all_of(batch.changes.begin(), batch.changes.end(), [](const Change& change) {
    return std::visit(
        [](const auto& c) {
          if constexpr (requires { c.path; })
            return isHidden(c.path);
          else
            return false;
        },
        change);
  });
}

}  // namespace

// --- what is there ---

void Overlay::requireOpen() const {
  if (!isOpen_) throw Error(Code::InvalidArgument, "the transaction is over");
}

const Overlay::Entry* Overlay::find(std::string_view path) const {
  const auto entry = entries_.find(path);
  return entry == entries_.end() ? nullptr : &entry->second;
}

const PendingHash* Overlay::findHash(std::string_view path) const {
  const Entry* entry = find(path);
  return entry ? std::get_if<PendingHash>(entry) : nullptr;
}

PendingHash* Overlay::hashAt(const std::string& path) {
  const auto entry = entries_.find(path);
  if (entry != entries_.end()) return std::get_if<PendingHash>(&entry->second);
  if (!base_.info(path)) return nullptr;
  PendingHash hash(headerOf(base_, path), path);
  return &std::get<PendingHash>(entries_.emplace(path, std::move(hash)).first->second);
}

Kind Overlay::kindOf(std::string_view path) {
  if (const Entry* entry = find(path)) {
    if (std::holds_alternative<PendingHash>(*entry)) return Kind::Hash;
    return std::holds_alternative<Record>(*entry) ? Kind::Record : Kind::None;
  }
  if (base_.info(path)) return Kind::Hash;
  return base_.record(path) ? Kind::Record : Kind::None;
}

// Tells also what is there no more in this transaction: the caller asks kindOf.
void Overlay::below(std::string_view root, const std::function<bool(std::string_view)>& visit) {
  for (const auto& [path, entry] : entries_)
    if (isWithin(path, root) && visit(path)) return;
  std::string cursor;
  do {
    const PathChunk chunk = base_.paths(root, cursor);
    for (const PathEntry& entry : chunk.entries)
      if (isWithin(entry.path, root) && visit(entry.path)) return;
    cursor = chunk.next;
  } while (!cursor.empty());
}

// --- read ---

std::optional<HashInfo> Overlay::info(std::string_view path) {
  requireOpen();
  if (!find(path)) return base_.info(path);
  const PendingHash* hash = findHash(path);
  if (!hash) return std::nullopt;
  return hash->currentHeader().info(path);
}

std::shared_ptr<const Json> Overlay::options(std::string_view path) {
  requireOpen();
  if (!find(path)) return base_.options(path);
  const PendingHash* hash = findHash(path);
  return hash ? std::make_shared<const Json>(hash->header.options()) : nullptr;
}

std::vector<std::optional<Value>> Overlay::get(std::string_view path,
                                               std::span<const std::string_view> keys) {
  requireOpen();
  if (!find(path)) return base_.get(path, keys);
  std::vector<std::optional<Value>> values(keys.size());
  const PendingHash* hash = findHash(path);
  if (!hash) return values;
  std::vector<std::string_view> inBase;
  std::vector<std::size_t> positions;  // of those in `keys`
  for (std::size_t n = 0; n < keys.size(); ++n) {
    const auto edit = hash->edits.find(keys[n]);
    if (edit != hash->edits.end() && edit->second.kind != Edit::Kind::None) {
      if (edit->second.isThere()) values[n] = pending_.value(edit->second.change);
    } else if (!hash->base.empty()) {
      inBase.push_back(keys[n]);
      positions.push_back(n);
    }
  }
  if (inBase.empty()) return values;
  auto found = base_.get(hash->base, inBase);
  for (std::size_t n = 0; n < found.size(); ++n) values[positions[n]] = std::move(found[n]);
  return values;
}

std::optional<std::string> Overlay::record(std::string_view path) {
  requireOpen();
  const Entry* entry = find(path);
  if (!entry) return base_.record(path);
  if (const auto* hash = std::get_if<PendingHash>(entry)) return hash->currentHeader().text();
  if (const auto* record = std::get_if<Record>(entry)) return pending_.text(record->change);
  return std::nullopt;
}

// --- change ---

Applied Overlay::apply(const Batch& batch) {
  requireOpen();
  if (isHiddenWholly(batch)) {
    for (const Change& change : batch.changes)
      if (const auto* create = std::get_if<Create>(&change)) hidden_.push_back(create->path);
    return base_.apply(batch);
  }
  checkBatchSize(batch, pending_.sizeBytes() + sizeBytes(batch), maxBytes_);
  lookUpKeys(batch);
  checkStructure(batch, *this);
  Applied applied;
  try {
    for (const Change& change : batch.changes)
      std::visit([&](const auto& c) { make(c, applied); }, change);
  } catch (...) {
    undo_.undo();
    throw;
  }
  undo_.forget();
  return applied;
}

// Learns which of the keys the base has, many at once.
void Overlay::lookUpKeys(const Batch& batch) {
  const auto& changes = batch.changes;
  for (auto change = changes.begin(); change != changes.end();) {
    const std::string* path = itemPath(*change);
    PendingHash* hash = path ? hashAt(*path) : nullptr;
    std::vector<std::string_view> keys;
    do {
      if (hash) keys.push_back(itemKey(*change));
      ++change;
    } while (path && change != changes.end() && keys.size() < kKeysAtOnce && itemPath(*change) &&
             *itemPath(*change) == *path);
    if (hash) lookUp(*hash, keys);
  }
}

void Overlay::lookUp(PendingHash& hash, std::span<const std::string_view> keys) {
  std::vector<std::string_view> unknown;
  for (const std::string_view key : keys)
    if (!hash.edits.contains(key)) unknown.push_back(key);
  if (unknown.empty()) return;
  std::vector<std::optional<Value>> values(unknown.size());
  if (!hash.base.empty()) values = base_.get(hash.base, unknown);
  for (std::size_t n = 0; n < unknown.size(); ++n)
    hash.edits.try_emplace(std::string(unknown[n])).first->second.isInBase = values[n].has_value();
}

Edit& Overlay::lookUp(PendingHash& hash, const std::string& key) {
  const std::string_view view = key;
  lookUp(hash, {&view, 1});
  return hash.edits.find(key)->second;
}

std::size_t Overlay::pend(Change change) {
  pending_.reserve(1);
  undo_.add([this] { pending_.removeLast(); });
  return pending_.add(std::move(change));
}

void Overlay::pendAt(std::size_t place, Change change) {
  const auto other = std::make_shared<Change>(std::move(change));
  undo_.add([this, place, other] { pending_.exchange(place, *other); });
  pending_.exchange(place, *other);
}

void Overlay::setEntry(const std::string& path, Entry entry) {
  static_assert(std::is_nothrow_swappable_v<Entry>);
  const auto found = entries_.find(path);
  if (found != entries_.end()) {
    const auto other = std::make_shared<Entry>(std::move(entry));
    undo_.add([found, other] { std::swap(found->second, *other); });
    return std::swap(found->second, *other);
  }
  decltype(entries_) one;
  one.emplace(path, std::move(entry));
  undo_.add([this, path] { entries_.erase(path); });
  entries_.insert(one.extract(one.begin()));
}

void Overlay::setHash(PendingHash& hash, PendingHash other) {
  const auto kept = std::make_shared<PendingHash>(std::move(other));
  undo_.add([&hash, kept] { std::swap(hash, *kept); });
  std::swap(hash, *kept);
}

void Overlay::edit(PendingHash& hash, Edit& edit, Edit::Kind kind, Change change) {
  Edit after = edit;
  after.kind = kind;
  if (edit.kind != Edit::Kind::None && edit.change >= hash.firstOwnChange)
    pendAt(edit.change, std::move(change));
  else
    after.change = pend(std::move(change));
  undo_.add([&hash, &edit, length = hash.length, before = edit] {
    hash.length = length;
    edit = before;
  });
  hash.length += after.isThere();
  hash.length -= edit.isThere();
  edit = after;
}

void Overlay::make(const Create& c, Applied&) {
  if (hashAt(c.path)) return;
  PendingHash hash(Header::make(c.options, Style::Compact), "");
  hash.firstOwnChange = pend(c);
  setEntry(c.path, std::move(hash));
}

void Overlay::make(const Put& c, Applied& applied) {
  PendingHash& hash = *hashAt(c.path);
  Edit& known = lookUp(hash, c.key);
  applied.added += !known.isThere();
  edit(hash, known, Edit::Kind::Put, c);
}

void Overlay::make(const Remove& c, Applied& applied) {
  PendingHash* hash = hashAt(c.path);
  if (!hash) return;
  Edit& known = lookUp(*hash, c.key);
  if (!known.isThere()) return;
  edit(*hash, known, Edit::Kind::Remove, c);
  ++applied.removed;
}

void Overlay::make(const Clear& c, Applied& applied) {
  PendingHash* hash = hashAt(c.path);
  if (!hash) return;
  applied.removed += hash->length;
  PendingHash cleared(hash->header, "");
  cleared.length = 0;
  cleared.firstOwnChange = pend(c);
  setHash(*hash, std::move(cleared));
}

void Overlay::make(const Drop& c, Applied& applied) {
  PendingHash* hash = hashAt(c.path);
  if (!hash) return;
  applied.removed += hash->length;
  pend(c);
  setEntry(c.path, Nothing{});
}

void Overlay::make(const Rename& c, Applied& applied) {
  PendingHash* moved = hashAt(c.from);
  if (c.from == c.to || !moved) return;
  if (const PendingHash* replaced = hashAt(c.to)) applied.removed += replaced->length;
  const std::size_t place = pend(c);
  setEntry(c.to, Nothing{});
  Entry &from = entries_.find(c.from)->second, &to = entries_.find(c.to)->second;
  undo_.add([&from, &to, firstOwn = moved->firstOwnChange] {
    std::swap(from, to);
    std::get<PendingHash>(from).firstOwnChange = firstOwn;
  });
  moved->firstOwnChange = place;
  std::swap(from, to);
}

void Overlay::make(const PutRecord& c, Applied&) {
  const Entry* entry = find(c.path);
  if (const auto* record = entry ? std::get_if<Record>(entry) : nullptr)
    return pendAt(record->change, c);
  setEntry(c.path, Record{pend(c)});
}

void Overlay::make(const EraseRecord& c, Applied&) {
  pend(c);
  setEntry(c.path, Nothing{});
}

// --- the end ---

void Overlay::commit() {
  requireOpen();
  try {
    if (!pending_.batch().changes.empty()) base_.apply(pending_.batch());
  } catch (...) {
    rollback();
    throw;
  }
  end();
}

void Overlay::rollback() noexcept {
  if (!isOpen_) return;
  dropHidden();
  end();
}

void Overlay::end() noexcept {
  isOpen_ = false;
  entries_.clear();
  pending_.clear();
  told_.clear();
}

// What can not be dropped now goes when the store is opened the next time.
void Overlay::dropHidden() noexcept {
  for (const std::string& path : hidden_) try {
      base_.apply(Batch{}.add(Drop{path}));
    } catch (const std::exception&) {
    }
}

}  // namespace hexpage
