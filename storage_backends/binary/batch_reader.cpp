#include "binary/batch_reader.hpp"

#include <utility>

#include "binary/catalogue.hpp"

namespace hexpage {

namespace {

using What = kv::Committed::Kind;

}  // namespace

void BatchReader::add(const kv::Committed& change) {
  if (change.kind == What::NewTree) made_.insert(change.tree);
  if (change.kind != What::Set && change.kind != What::Erase) return;
  if (change.tree != kCatalogue) {
    if (const std::string* const hash = trees_.pathOf(change.tree)) addItem(*hash, change);
  } else if (isPath(change.key)) {
    if (change.kind == What::Set)
      addEntry(change.key, change.value);
    else
      addErasure(change.key);
  }
}

void BatchReader::addItem(const std::string& hash, const kv::Committed& change) {
  if (change.kind == What::Erase) {
    batch_.add(Remove{hash, std::string(change.key), change.value == kExpiredNote});
    return;
  }
  const auto [expires, text] = decodeItem(change.value, hash);
  batch_.add(Put{hash, std::string(change.key), std::string(text), expires});
}

void BatchReader::addEntry(std::string_view path, std::string_view value) {
  CatalogueEntry entry = decodeEntry(value, path);
  if (entry.kind == Kind::Record)
    batch_.add(PutRecord{std::string(path), std::move(entry.text)});
  else if (trees_.treeOf(path) != entry.items)
    addHash(path, std::move(entry));
}

void BatchReader::addHash(std::string_view path, CatalogueEntry entry) {
  if (const std::string* const before = trees_.pathOf(entry.items)) {
    movedFrom_ = *before;
    batch_.add(Rename{movedFrom_, std::string(path)});
    trees_.erase(movedFrom_);
  } else if (!made_.contains(entry.items)) {
    isBatch_ = false;
  } else if (trees_.treeOf(path)) {
    batch_.add(Clear{std::string(path)});
  } else {
    batch_.add(Create{std::string(path), std::move(entry.text)});
  }
  trees_.put(path, entry.items);
}

void BatchReader::addErasure(std::string_view path) {
  if (path == std::exchange(movedFrom_, {})) return;
  if (trees_.treeOf(path))
    batch_.add(Drop{std::string(path)});
  else
    batch_.add(EraseRecord{std::string(path)});
  trees_.erase(path);
}

std::optional<Batch> BatchReader::take() {
  Batch batch = std::exchange(batch_, {});
  made_.clear();
  movedFrom_.clear();
  if (!std::exchange(isBatch_, true)) return std::nullopt;
  return batch;
}

}  // namespace hexpage
