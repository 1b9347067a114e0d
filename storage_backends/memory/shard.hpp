// The items of one part of a hash's table: an extendible hash table. A directory has the segment of
// every beginning of a hashed key; a segment that is full is split in two, which is all that
// growing costs, however large the table is. Only now and then does the directory double, which
// copies a pointer for some fifty items.
//
// Segments lie in the order of the hashed keys, so that a scan goes on from a hash value however
// the shard has grown or shrunk meanwhile.
#pragma once

#include <cstdint>
#include <hexpage/types.hpp>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "memory/due_times.hpp"
#include "memory/segment.hpp"
#include "support/small_mutex.hpp"

namespace hexpage {

// Whoever uses it holds its mutex. What throws, for want of memory, has changed nothing. Of a
// hashed key the bits from `Table::firstBit` on tell where in the shard it belongs; those before it
// are the same for all of its keys.
class alignas(64) Shard {
 public:
  static constexpr std::size_t kChunkItems = 128;

  // What all shards of a table have in common.
  struct Table {
    Saving& saving;
    std::uint64_t number;  // in snapshots
    unsigned firstBit = 0;
  };

  Shard() = default;
  ~Shard() { clear(); }
  Shard(const Shard&) = delete;
  Shard& operator=(const Shard&) = delete;

  mutable SmallMutex mutex;

  void belongTo(const Table& table) { table_ = &table; }  // before all else

  const Entry* find(const HashedKey& key) const;
  // Both say whether the number of items changed.
  bool put(const HashedKey& key, std::string_view text, Expires expires);
  // Puts the Value that decide(entry or nullptr) gives.
  template <class Decide>
  bool edit(const HashedKey& key, Decide decide) {
    if (!directory_.empty()) {
      Segment& segment = changeable(key.hash);
      const std::size_t place = segment.find(key);
      if (place != segment.size()) {
        const Value after = decide(&std::as_const(segment).at(place));
        replace(segment, place, key.hash, after.text, after.expires);
        return false;
      }
    }
    const Value after = decide(static_cast<const Entry*>(nullptr));
    add(key.hash, Entry::make(key.text, after.text, after.expires));
    return true;
  }
  bool remove(const HashedKey& key) noexcept;
  void clear() noexcept;
  void add(std::uint64_t hash, EntryPtr entry);  // its key is not there

  // --- for changes of several items, whose entries are made before the first is changed ---
  // An item of this hash may get an entry that expires then.
  void expect(std::uint64_t hash, Expires expires);
  // Puts the entry, which was expected, in the place of that with its key.
  void exchange(const HashedKey& key, EntryPtr entry) noexcept;
  // Takes an item out; nothing happens when it is not there.
  EntryPtr take(const HashedKey& key) noexcept;
  // After that, of each key: forgets what is not expected any more, and room that is not needed.
  void settle(std::uint64_t hash) noexcept;
  // Takes all items of another one in the place of its own.
  void takeOver(Shard& other) noexcept;

  std::size_t size() const { return size_; }
  std::uint64_t sizeBytes() const { return sizeBytes_; }  // of keys and texts

  struct Collected {
    Chunk chunk;
    std::uint64_t bytes = 0;

    bool isEnough() const;
  };
  // Adds the items of whole segments from the hash value on, until it is enough. Gives the hash
  // value to go on from; nullopt at the end of the shard.
  std::optional<std::uint64_t> collect(std::uint64_t from, Collected& all) const;
  // The same, but hands each entry to visit(entry), until that were some kChunkItems.
  template <class Visit>
  std::optional<std::uint64_t> each(std::uint64_t from, std::size_t& visited, Visit visit) const {
    return eachSegment(from, [&](const Segment& segment, std::uint64_t begin) {
      for (const EntryPtr& entry : segment.entries())
        if (begin >= from || keyedHash(entry->key()) >= from) visit(std::as_const(*entry));
      visited += segment.size();
      return visited < kChunkItems;
    });
  }

  // Adds the items that are due at `now` and come after `after`, until it is enough. Gives the last
  // of them to go on after; nullopt when there are no more.
  std::optional<DueTimes::Due> collectDue(Expires now, const DueTimes::Due& after, Collected& all);

  // Spreads the items of a table's only shard over 2^bits, which are empty, of a table that begins
  // so many bits later. Two steps: only the first one may fail.
  void prepareSpread(unsigned bits, Shard* parts);
  void spread(unsigned bits, Shard* parts) noexcept;

  // Hands the save that goes on some more of what it awaits, from the hash value on; as collect().
  std::optional<std::uint64_t> save(std::uint64_t from);

 private:
  using SegmentPtr = std::shared_ptr<Segment>;  // shared by the slots of one segment

  std::size_t slotOf(std::uint64_t hash) const {
    return depth_ == 0 ? 0 : (hash << table_->firstBit) >> (64 - depth_);
  }
  // How many slots a segment has, and the first of them.
  std::size_t slots(const Segment& segment) const {
    return std::size_t{1} << (depth_ - segment.depth());
  }
  std::size_t firstSlot(std::size_t slot) const { return slot & ~(slots(*directory_[slot]) - 1); }
  std::uint64_t bitAfter(unsigned depth) const {
    return std::uint64_t{1} << (63 - table_->firstBit - depth);
  }
  std::uint64_t withBitsBefore(std::uint64_t hash, std::size_t slot) const;

  // Calls visit(segment, first hash value) from the segment on that has the hash value, until it
  // gives false; gives the value to go on from, nullopt at the end of the shard.
  template <class Visit>
  std::optional<std::uint64_t> eachSegment(std::uint64_t from, Visit visit) const {
    for (std::size_t slot = slotOf(from); slot < directory_.size();) {
      const std::size_t first = firstSlot(slot);
      slot = first + slots(*directory_[first]);
      const bool goesOn = visit(*directory_[first], withBitsBefore(from, first));
      if (!goesOn && slot < directory_.size()) return withBitsBefore(from, slot);
    }
    return std::nullopt;
  }

  // Calls visit(entry) with the items of the hash value that expire at that time.
  template <class Visit>
  void eachDue(const DueTimes::Due& due, Visit visit) const;
  bool isThere(const DueTimes::Due& due) const;
  void replace(Segment& segment, std::size_t place, std::uint64_t hash, std::string_view text,
               Expires expires);
  void countTime(Expires before, Expires after) noexcept;
  void tidyTimes() noexcept;

  // To be called before a segment is changed.
  void preserve(Segment& segment) noexcept;
  Segment& changeable(std::uint64_t hash) noexcept;
  SegmentPtr makeSegment(unsigned depth) const;

  void split(std::uint64_t hash);
  void gather(std::uint64_t hash);
  void doubleDirectory();
  void point(std::size_t first, std::size_t count, const SegmentPtr& segment) noexcept;

  unsigned depth_ = 0;
  const Table* table_ = nullptr;
  std::vector<SegmentPtr> directory_;  // 2^depth_ slots; none for a shard that never had an item
  std::size_t size_ = 0;
  std::uint64_t sizeBytes_ = 0;
  DueTimes due_;
  std::size_t expiring_ = 0;  // items that expire at some time
};

}  // namespace hexpage
