// The straight way from a path to what lies there: an open hash table of pointers by the path's
// keyed hash. What is asked with every call of the hash API, so that no division and no walk
// through nodes is wanted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/keyed_hash.hpp"

namespace hexpage {

template <class Entry>
class PathIndex {
 public:
  // Null when it is not there.
  Entry* find(std::string_view path) const {
    if (slots_.empty()) return nullptr;
    return slots_[placeOf(path, keyedHash(path))].entry;
  }

  // The path is not there yet; it and the entry stay where they are until it is erased.
  void add(const std::string& path, Entry& entry) {
    reserve(1);
    const std::uint64_t hash = keyedHash(path);
    slots_[placeOf(path, hash)] = {hash, &path, &entry};
    ++size_;
  }

  // The next so many add() do not fail.
  void reserve(std::size_t more) {
    while (2 * (size_ + more) > slots_.size()) grow();
  }

  // The path is there. Those that were pushed on by it move up, so that no gap parts them from
  // where they belong.
  void erase(std::string_view path) {
    std::size_t gap = placeOf(path, keyedHash(path));
    slots_[gap] = {};
    for (std::size_t at = next(gap); slots_[at].entry; at = next(at)) {
      const std::size_t own = slots_[at].hash & (slots_.size() - 1);
      if (distance(own, at) < distance(gap, at)) continue;
      slots_[gap] = std::exchange(slots_[at], {});
      gap = at;
    }
    --size_;
  }

 private:
  static constexpr std::size_t kFewest = 16;  // slots; a power of two, as every number of them

  struct Slot {
    std::uint64_t hash = 0;
    const std::string* path = nullptr;
    Entry* entry = nullptr;
  };

  std::size_t next(std::size_t at) const { return (at + 1) & (slots_.size() - 1); }
  std::size_t distance(std::size_t from, std::size_t to) const {
    return (to - from) & (slots_.size() - 1);
  }

  // Where the path is, or else would be added.
  std::size_t placeOf(std::string_view path, std::uint64_t hash) const {
    std::size_t at = hash & (slots_.size() - 1);
    while (slots_[at].entry && (slots_[at].hash != hash || !areSame(*slots_[at].path, path)))
      at = next(at);
    return at;
  }

  void grow() {
    const std::vector<Slot> old =
        std::exchange(slots_, std::vector<Slot>(slots_.empty() ? kFewest : 2 * slots_.size()));
    for (const Slot& slot : old)
      if (slot.entry) slots_[placeOf(*slot.path, slot.hash)] = slot;
  }

  std::vector<Slot> slots_;  // at most half of them taken
  std::size_t size_ = 0;
};

}  // namespace hexpage
