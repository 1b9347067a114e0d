// The items of one hash in memory, in shards by the first bits of the hashed key: threads that use
// different items seldom wait for each other. A small table is one shard.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <hexpage/types.hpp>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "memory/shard.hpp"

namespace hexpage {

// Shards that are locked together, in the order of their addresses, whatever tables they are of.
class ShardLocks {
 public:
  ShardLocks() = default;
  explicit ShardLocks(std::vector<Shard*> shards);  // equal ones once
  ~ShardLocks();
  ShardLocks(const ShardLocks&) = delete;
  ShardLocks& operator=(const ShardLocks&) = delete;

  void lockNext(Shard& shard);  // its address is higher than those before

 private:
  std::vector<Shard*> shards_;
};

// Any number of threads may use it, but for spread().
class MemoryTable {
 public:
  // As many items as are worth more than one shard.
  static constexpr std::size_t kManyItems = 256;

  explicit MemoryTable(Moments& moments) : moments_(moments), shards_(makeShards(0)) {}

  // --- each locks what it needs; all that it gives or does is of one moment ---
  std::vector<std::optional<Value>> get(std::span<const std::string_view> keys) const;
  std::optional<Value> get(std::string_view key) const;
  // Both say whether the number of items changed.
  bool put(std::string_view key, std::string_view text, Expires expires);
  bool remove(std::string_view key);
  // As Shard::edit(); the shard is locked meanwhile.
  template <class Decide>
  bool edit(std::string_view key, Decide decide) {
    const HashedKey hashed(key);
    Shard& shard = shardOf(hashed);
    const auto writing = enter(shard);
    return shard.edit(hashed, decide);
  }
  // As Shard::change(); nothing is done, and false given, when the shard is locked, or unless
  // isFree() once it is locked here.
  template <class IsFree, class TextAfter>
  bool editAtOnce(const HashedKey& key, IsFree isFree, TextAfter textAfter) {
    Shard& shard = shardOf(key);
    const ShardLock writing(shard.mutex, std::try_to_lock);
    return writing && isFree() && shard.change(key, textAfter);
  }
  Chunk scan(std::string_view cursor) const;
  // As scan(), but hands visit(entry) each item where it lies. Gives the cursor to go on from.
  template <class Visit>
  std::string each(std::string_view cursor, Visit visit) const {
    std::uint64_t from = hashAt(cursor);
    std::size_t visited = 0;
    ShardLocks reading;
    for (std::size_t index = indexOf(from); index < count();) {
      reading.lockNext(shards_[index]);
      const auto next = shards_[index].each(from, visited, visit);
      if (!next && ++index == count()) break;
      from = next ? *next : beginOf(index);
      if (visited >= Shard::kChunkItems) return cursorAt(from);
    }
    return "";
  }
  // As Backend::expired(): in proportion to what has expired.
  Chunk expired(Expires now, std::string_view cursor) const;
  struct Size {
    std::uint64_t items = 0;
    std::uint64_t bytes = 0;  // of keys and texts
  };
  Size size() const;
  std::vector<Size> shardSizes() const;

  // --- for a batch, which locks all shards that it changes before ---
  Shard& shardOf(const HashedKey& key) { return shards_[indexOf(key.hash)]; }
  std::span<Shard> shards() const { return {shards_.get(), count()}; }
  // As many shards, which are empty, and that of them in which the key would be.
  std::unique_ptr<Shard[]> freshShards() const { return makeShards(bits_); }
  Shard& shardOf(const HashedKey& key, Shard* fresh) const { return fresh[indexOf(key.hash)]; }

  // Whether the table has outgrown its one shard: by its items, or by the threads that wait.
  bool isCrowded() const;
  bool isAwaited() const {
    return bits_ == 0 && waits_.load(std::memory_order_relaxed) > kManyWaits;
  }
  // Nobody else uses the table meanwhile. When it throws, for want of memory, the table is as it
  // was.
  void spread();

  // A cursor of a scan is the lowest hash value still to come.
  static std::string cursorAt(std::uint64_t hash);
  static std::uint64_t hashAt(std::string_view cursor);

 private:
  static constexpr unsigned kManyBits = 6;
  static constexpr std::uint32_t kManyWaits = 64;
  using ShardLock = std::unique_lock<SmallMutex>;

  // Locks a shard, and notes it when that takes a wait.
  ShardLock enter(Shard& shard) const {
    ShardLock lock(shard.mutex, std::try_to_lock);
    if (lock) return lock;
    waits_.fetch_add(1, std::memory_order_relaxed);
    lock.lock();
    return lock;
  }

  std::size_t count() const { return std::size_t{1} << bits_; }
  std::size_t indexOf(std::uint64_t hash) const { return bits_ == 0 ? 0 : hash >> (64 - bits_); }

  std::uint64_t beginOf(std::size_t index) const {
    return bits_ == 0 ? 0 : std::uint64_t{index} << (64 - bits_);
  }
  std::unique_ptr<Shard[]> makeShards(unsigned bits) const;

  Moments& moments_;
  unsigned bits_ = 0;
  mutable std::atomic<std::uint32_t> waits_{0};
  std::unique_ptr<Shard[]> shards_;  // 2^bits_
};

}  // namespace hexpage
