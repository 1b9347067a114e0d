#include "memory/memory_view.hpp"

#include <algorithm>
#include <bit>
#include <utility>

#include "support/path_rules.hpp"

namespace hexpage {
namespace {

constexpr std::size_t kPathsOfView = 1000;  // at once

bool isPlaceBefore(const MemoryView::Place& place, std::string_view path) {
  return pathLess(place.path, path);
}

}  // namespace

TableThen::TableThen(const MemoryTable& table, Moments::Number moment) : moment_(moment) {
  const std::span<Shard> shards = table.shards();
  bits_ = static_cast<unsigned>(std::countr_zero(shards.size()));
  parts_.reserve(shards.size());
  for (const Shard& shard : shards) {
    parts_.push_back(shard.directory());
    items_ += shard.size();
  }
}

std::optional<Value> TableThen::get(std::string_view key) const {
  const HashedKey hashed(key);
  const Directory& part = parts_[indexOf(hashed.hash)];
  std::optional<Value> value;
  if (part.isEmpty()) return value;
  const Segment& segment = part.of(hashed.hash);
  segment.lookBack(moment_, [&] {
    const std::size_t place = segment.find(hashed);
    if (place == segment.size()) return;
    const Entry& entry = segment.at(place);
    value = Value{std::string(entry.text()), entry.expires()};
  });
  return value;
}

MemoryView::MemoryView(const Catalog& catalog, Moments& moments) : moment_(moments) {
  catalog.each("", true, [&](const std::string& path, const Catalog::Entry& entry) {
    if (isHidden(path)) return true;
    Place place{path, nullptr, entry.record, std::nullopt};
    if (entry.hash) {
      place.header = entry.hash->header;
      place.items.emplace(entry.hash->table, moment_.number());
    }
    places_.push_back(std::move(place));
    return true;
  });
}

const MemoryView::Place* MemoryView::find(std::string_view path) const {
  const auto place = std::lower_bound(places_.begin(), places_.end(), path, isPlaceBefore);
  return place != places_.end() && place->path == path ? &*place : nullptr;
}

const MemoryView::Place* MemoryView::findHash(std::string_view path) const {
  const Place* const place = find(path);
  return place && place->header ? place : nullptr;
}

std::optional<HashInfo> MemoryView::info(std::string_view path) {
  const Place* const hash = findHash(path);
  if (!hash) return std::nullopt;
  HashInfo info = hash->header->info(path);
  info.length = hash->items->items();
  return info;
}

std::vector<std::optional<Value>> MemoryView::get(std::string_view path,
                                                  std::span<const std::string_view> keys) {
  std::vector<std::optional<Value>> values(keys.size());
  if (const Place* const hash = findHash(path))
    for (std::size_t i = 0; i < keys.size(); ++i) values[i] = hash->items->get(keys[i]);
  return values;
}

Chunk MemoryView::scan(std::string_view path, std::string_view cursor) {
  const Place* const hash = findHash(path);
  if (!hash) return {};
  Shard::Collected all;
  std::string next = hash->items->each(
      cursor, [&](const Entry& entry) { all.add(entry); }, [&] { return all.isEnough(); });
  all.chunk.next = std::move(next);
  return std::move(all.chunk);
}

std::string MemoryView::each(std::string_view path, std::string_view cursor, const SeeItem& see) {
  const Place* const hash = findHash(path);
  if (!hash) return "";
  std::size_t seen = 0;
  const auto visit = [&](const Entry& entry) {
    ++seen;
    see({entry.key(), entry.text(), entry.expires()});
  };
  return hash->items->each(cursor, visit, [&] { return seen >= Shard::kChunkItems; });
}

std::optional<std::string> MemoryView::record(std::string_view path) {
  const Place* const place = find(path);
  if (!place) return std::nullopt;
  if (!place->header) return *place->record;
  Header header = *place->header;
  header.setLength(place->items->items());
  return header.text();
}

PathChunk MemoryView::paths(std::string_view prefix, std::string_view cursor) {
  PathChunk chunk;
  const std::string_view from = cursor.empty() ? prefix : cursor;
  auto place = std::lower_bound(places_.begin(), places_.end(), from, isPlaceBefore);
  for (; place != places_.end() && place->path.starts_with(prefix); ++place) {
    if (!cursor.empty() && place->path == cursor) continue;
    if (chunk.entries.size() == kPathsOfView) {
      chunk.next = chunk.entries.back().path;
      break;
    }
    chunk.entries.push_back({place->path, place->header != nullptr});
  }
  return chunk;
}

}  // namespace hexpage
