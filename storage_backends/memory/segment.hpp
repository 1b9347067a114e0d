// Some items whose hashed keys begin alike: what a table grows by, an extendible hash table's
// bucket.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <new>
#include <string_view>
#include <utility>
#include <vector>

#include "memory/entry.hpp"
#include "memory/moments.hpp"
#include "support/keyed_hash.hpp"
#include "support/small_mutex.hpp"

namespace hexpage {

// A key and its keyed hash.
struct HashedKey {
  explicit HashedKey(std::string_view key) : text(key), hash(keyedHash(key)) {}

  std::string_view text;
  std::uint64_t hash;
};

class Segment {
 public:
  static constexpr std::size_t kMost = 64;

  Segment(unsigned depth, Moments::Number madeAt)
      : madeAt_(madeAt), depth_(static_cast<std::uint8_t>(depth)) {}

  // The newest moment when it was made.
  Moments::Number madeAt() const { return madeAt_; }
  std::shared_ptr<Segment> copy(Moments::Number madeAt) const;
  // Makes it one of now, which may be changed, for want of memory for a copy. No view has it then.
  void spoil(Moments::Number now) noexcept;
  // Calls read(), for a view of that moment, while it is not spoiled. Throws std::bad_alloc when it
  // is.
  template <class Read>
  void lookBack(Moments::Number moment, Read read) const {
    const std::lock_guard reading(mutex_);
    if (moment <= spoiledAt_) throw std::bad_alloc();
    read();
  }

  // How many bits its hashed keys have in common.
  unsigned depth() const { return depth_; }
  std::size_t size() const { return entries_.size(); }
  std::size_t sizeBytes() const { return sizeBytes_; }  // of keys and texts
  const std::vector<EntryPtr>& entries() const { return entries_; }
  // Whether it should be split before it takes another item.
  bool isFull() const { return size() == kMost || (size() >= kFewest && sizeBytes_ > kManyBytes); }

  // The place of a key; size() when it is not there.
  std::size_t find(const HashedKey& key) const;
  Entry& at(std::size_t place) { return *entries_[place]; }
  const Entry& at(std::size_t place) const { return *entries_[place]; }

  void add(std::uint64_t hash, EntryPtr entry);  // it has room for one; the key is not there
  void replace(std::size_t place, std::string_view text, Expires expires);
  // Puts an entry of the same key in its place, and gives the one that was there.
  EntryPtr exchange(std::size_t place, EntryPtr entry) noexcept;
  EntryPtr take(std::size_t place) noexcept;
  void reserve(std::size_t entries) { entries_.reserve(entries); }
  void take(Segment& from) noexcept;  // all of its entries, for which there is room
  // Moves its entries to `low` or, those whose hash has this bit, to `high`, which are empty.
  void split(std::uint64_t bit, Segment& low, Segment& high);

  // Whether both together leave so much room that they need not be two.
  friend bool areFew(const Segment& a, const Segment& b) {
    return a.size() + b.size() <= kMost / 4 && a.sizeBytes_ + b.sizeBytes_ <= kManyBytes / 4;
  }

 private:
  static constexpr std::size_t kFewest = 8;  // so that a few large items do not split for ever
  static constexpr std::size_t kManyBytes = std::size_t{1} << 20;

  static std::uint8_t tagOf(std::uint64_t hash) { return static_cast<std::uint8_t>(hash); }
  // A bit for each place whose entry has the tag, the lowest for the first.
  std::uint64_t placesOf(std::uint8_t tag) const;

  Moments::Number madeAt_;
  Moments::Number spoiledAt_ = 0;
  mutable SmallMutex mutex_;  // between views and who spoils it
  std::size_t sizeBytes_ = 0;
  std::vector<EntryPtr> entries_;
  std::uint8_t depth_;
  std::array<std::uint8_t, kMost> tags_{};  // a byte of each entry's hash
};

}  // namespace hexpage
