#include "tests/contract/map_backend.hpp"

#include <algorithm>
#include <hexpage/error.hpp>

namespace hexpage::testing {
namespace {

constexpr std::size_t kItemsAtOnce = 50;
constexpr std::size_t kPathsAtOnce = 100;

// Where the pages of a hash would be. No page is there, but other backends have some, and what may
// lie where is the same for all.
std::string pagesOf(std::string_view hash) { return std::string(hash) + "/data"; }

bool isAtOrBelow(std::string_view path, std::string_view root) {
  return path.starts_with(root) && (path.size() == root.size() || path[root.size()] == '/');
}

Json headerOf(const MapState::Hash& hash) {
  Json header = hash.header;
  header["length"] = hash.items.size();
  return header;
}

}  // namespace

bool BySegments::operator()(std::string_view one, std::string_view other) const {
  const auto rank = [](char c) { return c == '/' ? 0 : static_cast<unsigned char>(c) + 1; };
  return std::lexicographical_compare(one.begin(), one.end(), other.begin(), other.end(),
                                      [&](char a, char b) { return rank(a) < rank(b); });
}

// --- the state ---

const MapState::Hash* MapState::hash(std::string_view path) const {
  const auto found = entries_.find(path);
  return found == entries_.end() ? nullptr : std::get_if<Hash>(&found->second);
}

const MapState::Record* MapState::record(std::string_view path) const {
  const auto found = entries_.find(path);
  return found == entries_.end() ? nullptr : std::get_if<Record>(&found->second);
}

MapState::Hash* MapState::mutableHash(std::string_view path) {
  const auto found = entries_.find(path);
  return found == entries_.end() ? nullptr : std::get_if<Hash>(&found->second);
}

void MapState::refuseEnclosed(std::string_view path) const {
  for (const auto& [other, entry] : entries_)
    if (std::holds_alternative<Hash>(entry) && isAtOrBelow(path, pagesOf(other)))
      throw Error(Code::Conflict, std::string(path) + " lies inside the pages of " + other);
}

void MapState::refuseAround(std::string_view path) const {
  for (const auto& [other, entry] : entries_)
    if (isAtOrBelow(other, pagesOf(path)))
      throw Error(Code::Conflict, other + " lies where the pages of " + std::string(path) + " go");
}

void MapState::make(const Create& change, Applied&) {
  if (hash(change.path)) return;
  if (record(change.path)) throw Error(Code::Conflict, change.path + " is a record");
  refuseEnclosed(change.path);
  refuseAround(change.path);
  Json header = Json::parse(change.options);
  header["length"] = 0;
  header["type"] = "hash";
  entries_.emplace(change.path, Hash{std::move(header), {}});
}

void MapState::make(const Put& change, Applied& applied) {
  Hash* const hash = mutableHash(change.path);
  if (!hash) throw Error(Code::NoSuchKey, "no such hash: " + change.path);
  applied.added +=
      hash->items.insert_or_assign(change.key, Value{change.text, change.expires}).second;
}

void MapState::make(const Remove& change, Applied& applied) {
  if (Hash* const hash = mutableHash(change.path)) applied.removed += hash->items.erase(change.key);
}

void MapState::make(const Clear& change, Applied& applied) {
  Hash* const hash = mutableHash(change.path);
  if (!hash) return;
  applied.removed += hash->items.size();
  hash->items.clear();
}

void MapState::make(const Drop& change, Applied& applied) {
  const Hash* const dropped = hash(change.path);
  if (!dropped) return;
  applied.removed += dropped->items.size();
  entries_.erase(change.path);
}

void MapState::make(const Rename& change, Applied& applied) {
  if (change.from == change.to || !hash(change.from)) return;
  auto moved = entries_.extract(change.from);
  if (const Hash* const replaced = hash(change.to)) applied.removed += replaced->items.size();
  entries_.erase(change.to);
  refuseEnclosed(change.to);
  refuseAround(change.to);
  moved.key() = change.to;
  entries_.insert(std::move(moved));
}

void MapState::make(const PutRecord& change, Applied&) {
  if (hash(change.path)) throw Error(Code::Conflict, change.path + " is a hash");
  refuseEnclosed(change.path);
  entries_.insert_or_assign(change.path, Record(change.text));
}

void MapState::make(const EraseRecord& change, Applied&) {
  if (hash(change.path)) throw Error(Code::Conflict, change.path + " is a hash");
  refuseEnclosed(change.path);
  entries_.erase(change.path);
}

// --- the backend ---

MapBackend::MapBackend() : lender_(makeBackend("memory", Json::object())) {}

std::shared_ptr<const MapState> MapBackend::current() const {
  const std::lock_guard guard(switching_);
  return current_;
}

std::optional<HashInfo> MapBackend::info(std::string_view path) {
  const auto state = current();
  const auto* const hash = state->hash(path);
  if (!hash) return std::nullopt;
  Json options = hash->header;
  options.erase("type");
  options.erase("length");
  const std::size_t pageSize = options.value("page_size", kDefaultPageSize);
  return HashInfo{std::string(path), hash->items.size(), pageSize, std::move(options)};
}

std::vector<std::optional<Value>> MapBackend::get(std::string_view path,
                                                  std::span<const std::string_view> keys) {
  std::vector<std::optional<Value>> values(keys.size());
  const auto state = current();
  const auto* const hash = state->hash(path);
  if (!hash) return values;
  for (std::size_t n = 0; n < keys.size(); ++n) {
    const auto item = hash->items.find(keys[n]);
    if (item != hash->items.end()) values[n] = item->second;
  }
  return values;
}

// Keys are in order, so the last key told is all that a cursor needs to know.
Chunk MapBackend::scan(std::string_view path, std::string_view cursor) {
  Chunk chunk;
  const auto state = current();
  const auto* const hash = state->hash(path);
  if (!hash) return chunk;
  auto item = hash->items.upper_bound(cursor);
  for (; item != hash->items.end() && chunk.items.size() < kItemsAtOnce; ++item)
    chunk.items.push_back({item->first, item->second.text, item->second.expires});
  if (item != hash->items.end()) chunk.next = chunk.items.back().key;
  return chunk;
}

std::optional<std::string> MapBackend::record(std::string_view path) {
  const auto state = current();
  if (const auto* const hash = state->hash(path)) return headerOf(*hash).dump();
  if (const auto* const record = state->record(path)) return *record;
  return std::nullopt;
}

PathChunk MapBackend::paths(std::string_view prefix, std::string_view cursor) {
  PathChunk chunk;
  const auto state = current();
  const auto& entries = state->entries();
  for (auto entry = entries.upper_bound(cursor); entry != entries.end(); ++entry) {
    if (entry->first.starts_with('.') || !entry->first.starts_with(prefix)) continue;
    if (chunk.entries.size() == kPathsAtOnce) {
      chunk.next = chunk.entries.back().path;
      break;
    }
    chunk.entries.push_back({entry->first, std::holds_alternative<MapState::Hash>(entry->second)});
  }
  return chunk;
}

// The changes are made on a copy; who reads meanwhile has the state from before. A change that
// throws leaves the copy behind.
Applied MapBackend::apply(const Batch& batch) {
  const std::lock_guard applying(applying_);
  auto next = std::make_shared<MapState>(*current());
  Applied applied;
  for (const Change& change : batch.changes)
    std::visit([&](const auto& one) { next->make(one, applied); }, change);
  const std::lock_guard switching(switching_);
  current_ = std::move(next);
  return applied;
}

void MapBackend::check(Report& report) {
  const auto state = current();
  for (const auto& [path, entry] : state->entries()) {
    const auto* const hash = std::get_if<MapState::Hash>(&entry);
    ++(hash ? report.hashes : report.records);
    if (hash) report.items += hash->items.size();
  }
}

std::vector<LayoutNode> MapBackend::layout(std::string_view path) {
  const auto state = current();
  const auto* const hash = state->hash(path);
  if (!hash) return {};
  LayoutNode map{.name = "map", .items = hash->items.size()};
  for (const auto& [key, value] : hash->items) map.bytes += key.size() + value.text.size();
  return {map};
}

void MapBackend::adopt(std::string_view path) {
  if (!current()->entries().contains(path))
    throw Error(Code::NoSuchKey, "no such hash or record: " + std::string(path));
}

}  // namespace hexpage::testing
