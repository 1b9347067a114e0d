#include "memory/memory_edit.hpp"

#include <functional>
#include <variant>

namespace hexpage {

Applied MemoryEdit::prepare(const Batch& batch) {
  for (const Change& change : batch.changes) std::visit([this](const auto& c) { one(c); }, change);
  for (auto& [path, place] : places_) {
    if (place.items) count(place.items->prepare());
    if (place.made)
      nodes_.emplace_back(Catalog::makeNode(path, std::move(*place.made)), nullptr);
    else if (place.base && place.isMoved)
      nodes_.emplace_back(Catalog::makeNode(path, {}), &place);
  }
  catalog_.reserve(nodes_.size());
  return applied_;
}

void MemoryEdit::commit() noexcept {
  for (const auto& [path, place] : places_)
    if (place.items) place.items->commit();
  for (auto& [node, place] : nodes_)
    if (place) node.mapped() = catalog_.take(place->basePath);
  for (const auto& [path, place] : places_)
    if (!place.base || place.isMoved) catalog_.erase(path);
  for (auto& [node, place] : nodes_) catalog_.put(std::move(node));
}

MemoryEdit::Place& MemoryEdit::at(const std::string& path) {
  if (last_ && last_->first == path) return last_->second;
  const auto [found, isNew] = places_.try_emplace(path);
  if (isNew) {
    found->second.base = catalog_.find(path);
    found->second.basePath = path;
  }
  last_ = &*found;
  return found->second;
}

void MemoryEdit::count(const Applied& applied) {
  applied_.added += applied.added;
  applied_.removed += applied.removed;
}

TableEdit& MemoryEdit::itemsOf(Place& place) const {
  if (!place.items) place.items = std::make_unique<TableEdit>(place.base->hash->table);
  return *place.items;
}

// The items that were there count as removed.
void MemoryEdit::empty(Place& place) {
  if (place.base && place.base->hash) {
    TableEdit& items = itemsOf(place);
    items.clear();
    count(items.applied());
  } else if (const MemoryHash* const hash = place.hash()) {
    applied_.removed += hash->table.size().items;
  }
  place = {};
}

void MemoryEdit::one(const Create& c) {
  Place& place = at(c.path);
  if (place.hash()) return;
  place = {};
  place.made = std::make_unique<Catalog::Entry>(Catalog::Entry{
      std::make_unique<MemoryHash>(Header::make(c.options, Style::Compact), moments_)});
}

void MemoryEdit::one(const Put& c) {
  Place& place = at(c.path);
  if (place.base) return itemsOf(place).put(c);
  const HashedKey key(c.key);
  applied_.added += place.made->hash->table.shardOf(key).put(key, c.text, c.expires);
}

void MemoryEdit::one(const Remove& c) {
  Place& place = at(c.path);
  MemoryHash* const hash = place.hash();
  if (!hash) return;
  if (place.base) return itemsOf(place).remove(c);
  const HashedKey key(c.key);
  applied_.removed += hash->table.shardOf(key).remove(key);
}

void MemoryEdit::one(const Clear& c) {
  Place& place = at(c.path);
  MemoryHash* const hash = place.hash();
  if (!hash) return;
  if (place.base) return itemsOf(place).clear();
  applied_.removed += hash->table.size().items;
  for (Shard& shard : hash->table.shards()) shard.clear();
}

void MemoryEdit::one(const Drop& c) {
  Place& place = at(c.path);
  if (place.hash()) empty(place);
}

void MemoryEdit::one(const Rename& c) {
  Place& from = at(c.from);
  if (c.from == c.to || !from.hash()) return;
  Place& to = at(c.to);
  empty(to);
  to = std::exchange(from, {});
  to.isMoved = true;
}

void MemoryEdit::one(const PutRecord& c) {
  Place& place = at(c.path);
  place = {};
  place.made = std::make_unique<Catalog::Entry>(
      Catalog::Entry{nullptr, std::make_shared<const std::string>(c.text)});
}

void MemoryEdit::one(const EraseRecord& c) { at(c.path) = {}; }

}  // namespace hexpage
