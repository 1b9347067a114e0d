#include "binary/batch_writer.hpp"

#include <utility>

#include "support/header.hpp"
#include "support/path_rules.hpp"

namespace hexpage {

Applied BatchWriter::apply(const Batch& batch, const std::function<void()>& visible) {
  checkStructure(batch, *this);
  for (const Change& change : batch.changes)
    std::visit([this](const auto& one) { make(one); }, change);
  if (!hasChanged_) {
    change_.rollback();
    if (visible) visible();
    return applied_;
  }
  lists_.finish();
  for (auto& [tree, edit] : due_) edit.finish();
  const kv::Transaction::Counts counts = change_.commit(visible);
  applied_.added += counts.added;
  applied_.removed += counts.removed;
  return applied_;
}

void BatchWriter::below(std::string_view root, const std::function<bool(std::string_view)>& visit) {
  bool isOver = false;
  store_.look([&](const kv::View& view) {
    walkPaths(view, root, [&](std::string_view path, Kind) {
      isOver = isOver || !isWithin(path, root) || visit(path);
      return !isOver;
    });
  });
}

BatchWriter::Place& BatchWriter::at(std::string_view path) {
  const auto known = places_.find(path);
  if (known != places_.end()) return known->second;
  Place& place = places_[std::string(path)];
  store_.look([&](const kv::View& view) { place = {entryAt(view, path), false}; });
  return place;
}

bool BatchWriter::mayHaveItems(const Place& hash) const {
  return hash.isTouched || store_.count(hash.items) != 0;
}

void BatchWriter::write(std::string_view path, const CatalogueEntry& entry) {
  hasChanged_ = true;
  change_.set(path, encodeEntry(entry), kCatalogue);
}

void BatchWriter::erase(std::string_view path) {
  hasChanged_ = true;
  change_.erase(path, kCatalogue);
  lists_.remove(path);
}

void BatchWriter::dropItems(const Place& hash) {
  if (mayHaveItems(hash)) {
    hasChanged_ = true;
    change_.dropTree(hash.items, kv::Counted::Yes);
  }
  if (hash.due == 0) return;
  due_.erase(hash.due);
  std::vector<KeyList> lists;
  store_.look([&](const kv::View& view) { lists = dueTimes(hash.due).lists(view); });
  for (const KeyList& list : lists) change_.dropTree(list.tree);
  change_.dropTree(hash.due);
}

// Expiry

OrderedKeysEdit& BatchWriter::due(const Place& hash) {
  return due_.try_emplace(hash.due, dueTimes(hash.due), store_, change_).first->second;
}

// Of what the key has now; nullopt when there is no such item.
std::optional<Expires> BatchWriter::expiresAt(std::string_view key, const Place& hash) const {
  const auto before = change_.get(key, hash.items);
  if (!before) return std::nullopt;
  return decodeItem(*before, key).expires;
}

void BatchWriter::putExpiring(const Put& change, Place& hash) {
  if (hash.due == 0) {
    hash.due = change_.newTree();
    write(change.path, hash);
  }
  const Expires before = expiresAt(change.key, hash).value_or(0);
  if (before == change.expires) return;
  if (before != 0) due(hash).remove(encodeDue({before, change.key}));
  if (change.expires != 0) due(hash).put(encodeDue({change.expires, change.key}), kDueValue);
}

// Changes

void BatchWriter::make(const Create& change) {
  Place& place = at(change.path);
  if (place.kind == Kind::Hash) return;
  place = {{Kind::Hash, change_.newTree(), 0, Header::make(change.options, Style::Compact).text()},
           false};
  write(change.path, place);
  lists_.add(change.path, Kind::Hash);
}

void BatchWriter::make(const Put& change) {
  Place& hash = at(change.path);
  if (hash.due != 0 || change.expires != 0) putExpiring(change, hash);
  change_.set(change.key, ItemToSet(change.text, change.expires).value(), hash.items,
              kv::Counted::Yes);
  hash.isTouched = true;
  hasChanged_ = true;
}

void BatchWriter::make(const Remove& change) {
  Place& hash = at(change.path);
  if (hash.kind != Kind::Hash) return;
  if (hash.due != 0)
    if (const auto expires = expiresAt(change.key, hash); expires.value_or(0) != 0)
      due(hash).remove(encodeDue({*expires, change.key}));
  const std::string_view note = change.isExpiry ? kExpiredNote : std::string_view();
  if (!change_.erase(change.key, hash.items, note)) return;
  ++applied_.removed;
  hash.isTouched = true;
  hasChanged_ = true;
}

// Trees of its own again: what a compaction still has to say of the old ones does not concern them.
void BatchWriter::make(const Clear& change) {
  Place& hash = at(change.path);
  if (hash.kind != Kind::Hash || !mayHaveItems(hash)) return;
  dropItems(hash);
  hash.items = change_.newTree();
  hash.due = 0;
  hash.isTouched = false;
  write(change.path, hash);
}

void BatchWriter::make(const Drop& change) {
  Place& hash = at(change.path);
  if (hash.kind != Kind::Hash) return;
  dropItems(hash);
  hash = {};
  erase(change.path);
}

void BatchWriter::make(const Rename& change) {
  Place& from = at(change.from);
  if (change.from == change.to || from.kind != Kind::Hash) return;
  Place& to = at(change.to);
  if (to.kind == Kind::Hash) dropItems(to);
  if (to.kind != Kind::Hash) lists_.add(change.to, Kind::Hash);
  to = std::exchange(from, {});
  write(change.to, to);
  erase(change.from);
}

void BatchWriter::make(const PutRecord& change) {
  Place& place = at(change.path);
  if (place.kind == Kind::None) lists_.add(change.path, Kind::Record);
  place = {{Kind::Record, 0, 0, change.text}, false};
  write(change.path, place);
}

void BatchWriter::make(const EraseRecord& change) {
  Place& place = at(change.path);
  if (place.kind != Kind::Record) return;
  place = {};
  erase(change.path);
}

}  // namespace hexpage
