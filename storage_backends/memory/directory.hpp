// Which segment has the items whose hashed keys begin in some way: the slots of an extendible hash
// table, of which several in a row may be of one segment. A copy of a directory shares the slots;
// before one of them is changed, the other must have been given slots of its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "memory/segment.hpp"

namespace hexpage {

// Of the hashed keys it has, the bits before `firstBit` are the same; those after tell the slot.
class Directory {
 public:
  using SegmentPtr = std::shared_ptr<Segment>;

  explicit Directory(unsigned firstBit = 0) : firstBit_(firstBit) {}

  // One that never had a segment. All but begin() is for others.
  bool isEmpty() const { return slots_ == nullptr; }
  void begin(SegmentPtr only);

  Segment& of(std::uint64_t hash) const { return *slots_[slotOf(hash)]; }
  const SegmentPtr& pointerOf(std::uint64_t hash) const { return slots_[slotOf(hash)]; }
  // The segment beside that of the hash value, of the same depth or deeper.
  const SegmentPtr& besideOf(std::uint64_t hash) const;

  // How many bits of a hashed key tell its slot, counted from the first of all.
  unsigned depth() const { return firstBit_ + depth_; }
  unsigned firstBit() const { return firstBit_; }

  // Puts the segment into all slots of hashed keys that begin as its own do, as `hash` does.
  void put(std::uint64_t hash, const SegmentPtr& segment) noexcept;
  // The same segments in slots of its own, or in twice as many.
  Directory copy() const;
  Directory doubled() const;
  // The slots of those hashed keys that begin with the bits of `part`, as many as `bits`.
  Directory part(unsigned bits, std::size_t part) const;

  // Calls visit(segment, first hash value) from the segment on that has the hash value, until it
  // gives false; gives the value to go on from, nullopt at the end.
  template <class Visit>
  std::optional<std::uint64_t> each(std::uint64_t from, Visit visit) const {
    if (isEmpty()) return std::nullopt;
    for (std::size_t slot = slotOf(from); slot < size();) {
      const std::size_t first = slot & ~(slotsOf(*slots_[slot]) - 1);
      slot = first + slotsOf(*slots_[first]);
      const bool goesOn = visit(*slots_[first], lowestOf(from, first));
      if (!goesOn && slot < size()) return lowestOf(from, slot);
    }
    return std::nullopt;
  }

 private:
  std::size_t size() const { return std::size_t{1} << depth_; }
  std::size_t slotOf(std::uint64_t hash) const {
    return depth_ == 0 ? 0 : (hash << firstBit_) >> (64 - depth_);
  }
  std::size_t slotsOf(const Segment& segment) const {
    return std::size_t{1} << (depth() - segment.depth());
  }
  // The lowest hash value of a slot; `hash` is any that belongs to this directory.
  std::uint64_t lowestOf(std::uint64_t hash, std::size_t slot) const;

  unsigned firstBit_;
  unsigned depth_ = 0;
  std::shared_ptr<SegmentPtr[]> slots_;  // 2^depth_
};

}  // namespace hexpage
