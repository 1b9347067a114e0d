#include "memory/table.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <functional>
#include <hexpage/error.hpp>
#include <mutex>
#include <utility>

namespace hexpage {
namespace {

[[noreturn]] void throwNoCursor(std::string_view cursor) {
  throw Error(Code::InvalidArgument, "no cursor of a scan: " + std::string(cursor));
}

std::uint64_t hashOf(std::string_view cursor) {
  std::uint64_t hash = 0;
  if (cursor.empty()) return hash;
  const char* const last = cursor.data() + cursor.size();
  const auto [end, error] = std::from_chars(cursor.data(), last, hash, 16);
  if (error != std::errc() || end != last) throwNoCursor(cursor);
  return hash;
}

// Three with '-' between them, or "" for zeros.
std::array<std::uint64_t, 3> parseCursors(std::string_view cursor) {
  if (cursor.empty()) return {};
  const std::size_t first = cursor.find('-'), last = cursor.rfind('-');
  if (first == last) throwNoCursor(cursor);
  return {hashOf(cursor.substr(0, first)), hashOf(cursor.substr(first + 1, last - first - 1)),
          hashOf(cursor.substr(last + 1))};
}

std::optional<Value> valueOf(const Entry* entry) {
  if (!entry) return std::nullopt;
  return Value{std::string(entry->text()), entry->expires()};
}

}  // namespace

ShardLocks::ShardLocks(std::vector<Shard*> shards) : shards_(std::move(shards)) {
  std::sort(shards_.begin(), shards_.end(), std::less<>());
  shards_.erase(std::unique(shards_.begin(), shards_.end()), shards_.end());
  for (Shard* const shard : shards_) shard->mutex.lock();
}

ShardLocks::~ShardLocks() {
  for (Shard* const shard : shards_) shard->mutex.unlock();
}

void ShardLocks::lockNext(Shard& shard) {
  shards_.push_back(&shard);
  shard.mutex.lock();
}

std::unique_ptr<Shard[]> MemoryTable::makeShards(unsigned bits) const {
  auto shards = std::make_unique<Shard[]>(std::size_t{1} << bits);
  for (std::size_t i = 0; i < std::size_t{1} << bits; ++i) shards[i].belongTo(moments_, bits);
  return shards;
}

// In hex.
std::string MemoryTable::cursorAt(std::uint64_t hash) {
  char digits[16];
  const auto end = std::to_chars(digits, digits + sizeof digits, hash, 16).ptr;
  return {digits, end};
}

std::uint64_t MemoryTable::hashAt(std::string_view cursor) { return hashOf(cursor); }

std::optional<Value> MemoryTable::get(std::string_view key) const {
  const HashedKey hashed(key);
  Shard& shard = shards_[indexOf(hashed.hash)];
  const auto reading = enter(shard);
  return valueOf(shard.find(hashed));
}

std::vector<std::optional<Value>> MemoryTable::get(std::span<const std::string_view> keys) const {
  std::vector<std::optional<Value>> found;
  found.reserve(keys.size());
  if (keys.size() == 1) {
    found.push_back(get(keys.front()));
    return found;
  }
  std::vector<HashedKey> hashed(keys.begin(), keys.end());
  std::vector<Shard*> touched;
  for (const HashedKey& key : hashed) touched.push_back(&shards_[indexOf(key.hash)]);
  const ShardLocks reading(std::move(touched));
  for (const HashedKey& key : hashed)
    found.push_back(valueOf(shards_[indexOf(key.hash)].find(key)));
  return found;
}

bool MemoryTable::put(std::string_view key, std::string_view text, Expires expires) {
  const HashedKey hashed(key);
  Shard& shard = shardOf(hashed);
  const auto writing = enter(shard);
  return shard.put(hashed, text, expires);
}

bool MemoryTable::remove(std::string_view key) {
  const HashedKey hashed(key);
  Shard& shard = shardOf(hashed);
  const auto writing = enter(shard);
  return shard.remove(hashed);
}

Chunk MemoryTable::scan(std::string_view cursor) const {
  std::uint64_t from = hashOf(cursor);
  Shard::Collected all;
  all.chunk.items.reserve(Shard::kChunkItems + Segment::kMost);
  ShardLocks reading;
  for (std::size_t index = indexOf(from);;) {
    reading.lockNext(shards_[index]);
    const auto next = shards_[index].collect(from, all);
    if (!next && ++index == count()) return std::move(all.chunk);
    from = next ? *next : beginOf(index);
    if (all.isEnough()) break;
  }
  all.chunk.next = cursorAt(from);
  return std::move(all.chunk);
}

// A cursor is the beginning of the shard and, within it, the last that was told.
Chunk MemoryTable::expired(Expires now, std::string_view cursor) const {
  const std::array<std::uint64_t, 3> place = parseCursors(cursor);
  DueTimes::Due after{static_cast<Expires>(place[1]), place[2]};
  Shard::Collected all;
  ShardLocks reading;
  for (std::size_t index = indexOf(place[0]); index < count(); ++index, after = {}) {
    reading.lockNext(shards_[index]);
    const auto last = shards_[index].collectDue(now, after, all);
    if (!last) continue;
    all.chunk.next = cursorAt(beginOf(index)) + '-' +
                     cursorAt(static_cast<std::uint64_t>(last->at)) + '-' + cursorAt(last->hash);
    break;
  }
  return std::move(all.chunk);
}

MemoryTable::Size MemoryTable::size() const {
  Size sum;
  for (const Size& size : shardSizes()) {
    sum.items += size.items;
    sum.bytes += size.bytes;
  }
  return sum;
}

std::vector<MemoryTable::Size> MemoryTable::shardSizes() const {
  ShardLocks reading;
  std::vector<Size> sizes;
  sizes.reserve(count());
  for (std::size_t index = 0; index < count(); ++index) {
    reading.lockNext(shards_[index]);
    sizes.push_back({shards_[index].size(), shards_[index].sizeBytes()});
  }
  return sizes;
}

bool MemoryTable::isCrowded() const {
  if (bits_ != 0) return false;
  if (isAwaited()) return true;
  const std::lock_guard reading(shards_[0].mutex);
  return shards_[0].size() > kManyItems;
}

void MemoryTable::spread() {
  std::unique_ptr<Shard[]> many = makeShards(kManyBits);
  shards_[0].spread(kManyBits, many.get());
  shards_ = std::move(many);
  bits_ = kManyBits;
}

}  // namespace hexpage
