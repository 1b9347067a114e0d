#include "binary/batch_writer.hpp"

#include <utility>

#include "support/header.hpp"
#include "support/path_rules.hpp"

namespace hexpage {

Applied BatchWriter::apply(const Batch& batch, const std::function<void()>& visible) {
  checkStructure(batch, *this);
  for (const Change& change : batch.changes)
    std::visit([this](const auto& one) { make(one); }, change);
  if (hasChanged_) {
    change_.commit(visible);
  } else {
    change_.rollback();
    if (visible) visible();
  }
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
  store_.look([&](const kv::View& view) { place = {entryAt(view, path), 0}; });
  return place;
}

std::uint64_t BatchWriter::length(const Place& hash) const {
  return store_.count(hash.items) + static_cast<std::uint64_t>(hash.grown);
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

void BatchWriter::dropItems(Place& hash) {
  const std::uint64_t items = length(hash);
  applied_.removed += items;
  if (items == 0) return;
  hasChanged_ = true;
  change_.dropTree(hash.items);
}

void BatchWriter::make(const Create& change) {
  Place& place = at(change.path);
  if (place.kind == Kind::Hash) return;
  place = {{Kind::Hash, change_.newTree(), Header::make(change.options, Style::Compact).text()}, 0};
  write(change.path, place);
  lists_.add(change.path, Kind::Hash);
}

void BatchWriter::make(const Put& change) {
  Place& hash = at(change.path);
  const bool isNew = !change_.contains(change.key, hash.items);
  change_.set(change.key, encodeItem(change.text, change.expires), hash.items);
  applied_.added += isNew;
  hash.grown += isNew;
  hasChanged_ = true;
}

void BatchWriter::make(const Remove& change) {
  Place& hash = at(change.path);
  if (hash.kind != Kind::Hash || !change_.erase(change.key, hash.items)) return;
  ++applied_.removed;
  --hash.grown;
  hasChanged_ = true;
}

// A tree of its own again: what a compaction still has to say of the old one does not concern it.
void BatchWriter::make(const Clear& change) {
  Place& hash = at(change.path);
  if (hash.kind != Kind::Hash || length(hash) == 0) return;
  dropItems(hash);
  hash.items = change_.newTree();
  hash.grown = 0;
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
  place = {{Kind::Record, 0, change.text}, 0};
  write(change.path, place);
}

void BatchWriter::make(const EraseRecord& change) {
  Place& place = at(change.path);
  if (place.kind != Kind::Record) return;
  place = {};
  erase(change.path);
}

}  // namespace hexpage
