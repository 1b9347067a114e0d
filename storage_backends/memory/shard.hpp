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

#include "memory/directory.hpp"
#include "memory/due_times.hpp"
#include "memory/moments.hpp"
#include "memory/segment.hpp"
#include "support/small_mutex.hpp"

namespace hexpage {

// Whoever uses it holds its mutex. What throws, for want of memory, has changed nothing.
class alignas(64) Shard {
 public:
  static constexpr std::size_t kChunkItems = 128;

  Shard() = default;
  Shard(const Shard&) = delete;
  Shard& operator=(const Shard&) = delete;

  mutable SmallMutex mutex;

  // Before all else. The bits of a hashed key before `firstBit` are the same for all of its keys.
  void belongTo(Moments& moments, unsigned firstBit) {
    moments_ = &moments;
    directory_ = Directory(firstBit);
  }

  const Entry* find(const HashedKey& key) const;
  // Both say whether the number of items changed.
  bool put(const HashedKey& key, std::string_view text, Expires expires);
  // Puts the text and time that decide(entry or nullptr) gives.
  template <class Decide>
  bool edit(const HashedKey& key, Decide decide) {
    if (!directory_.isEmpty()) {
      Segment& segment = changeable(key.hash);
      const std::size_t place = segment.find(key);
      if (place != segment.size()) {
        const auto after = decide(&std::as_const(segment).at(place));
        replace(segment, place, key.hash, after.text, after.expires);
        return false;
      }
    }
    const auto after = decide(static_cast<const Entry*>(nullptr));
    add(key.hash, Entry::make(key.text, after.text, after.expires));
    return true;
  }
  // Gives an item that is there the text that textAfter(entry) gives, if any; whether it did.
  template <class TextAfter>
  bool change(const HashedKey& key, TextAfter textAfter) {
    if (directory_.isEmpty()) return false;
    Segment& segment = changeable(key.hash);
    const std::size_t place = segment.find(key);
    if (place == segment.size()) return false;
    const Entry& entry = std::as_const(segment).at(place);
    const Expires expires = entry.expires();
    const std::optional<std::string_view> after = textAfter(entry);
    if (after) replace(segment, place, key.hash, *after, expires);
    return after.has_value();
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

    void add(const Entry& entry);
    bool isEnough() const;
  };
  // Adds the items of whole segments from the hash value on, until it is enough. Gives the hash
  // value to go on from; nullopt at the end of the shard.
  std::optional<std::uint64_t> collect(std::uint64_t from, Collected& all) const;
  // The same, but hands each entry to visit(entry), until that were some kChunkItems.
  template <class Visit>
  std::optional<std::uint64_t> each(std::uint64_t from, std::size_t& visited, Visit visit) const {
    return directory_.each(from, [&](const Segment& segment, std::uint64_t begin) {
      for (const EntryPtr& entry : segment.entries())
        if (begin >= from || keyedHash(entry->key()) >= from) visit(std::as_const(*entry));
      visited += segment.size();
      return visited < kChunkItems;
    });
  }

  // Adds the items that are due at `now` and come after `after`, until it is enough. Gives the last
  // of them to go on after; nullopt when there are no more.
  std::optional<DueTimes::Due> collectDue(Expires now, const DueTimes::Due& after, Collected& all);

  // Gives its segments to 2^bits others, which are empty, by the first bits of their hashed keys.
  // It is not to be used any more.
  void spread(unsigned bits, Shard* parts);

  // For a view whose moment has begun: a copy stays as it is.
  const Directory& directory() const { return directory_; }

 private:
  void takePart(Directory part);
  // Calls visit(entry) with the items of the hash value that expire at that time.
  template <class Visit>
  void eachDue(const DueTimes::Due& due, Visit visit) const;
  bool isThere(const DueTimes::Due& due) const;
  void replace(Segment& segment, std::size_t place, std::uint64_t hash, std::string_view text,
               Expires expires);
  void countTime(Expires before, Expires after) noexcept;
  void tidyTimes() noexcept;

  // The segment that has the hash value, and that no view has: to be called before it is changed.
  // Without memory for a copy it is the view that fails, and not who changes something.
  Segment& changeable(std::uint64_t hash) noexcept {
    Segment& segment = directory_.of(hash);
    return moments_->have(segment.madeAt()) ? separated(hash) : segment;
  }
  Segment& separated(std::uint64_t hash) noexcept;
  void ownDirectory();  // before its slots are changed
  Directory::SegmentPtr makeSegment(unsigned depth) const;

  void split(std::uint64_t hash);
  void gather(std::uint64_t hash);

  Moments* moments_ = nullptr;
  Directory directory_;
  Moments::Number directoryMadeAt_ = 0;
  std::size_t size_ = 0;
  std::uint64_t sizeBytes_ = 0;
  DueTimes due_;
  std::size_t expiring_ = 0;  // items that expire at some time
};

}  // namespace hexpage
