// A page of the index: slots in groups of eight, one cache line each. A slot is 24 bits of tag and
// 40 of address. The tag's low 12 bits choose the group where the search begins; its high 12 bits
// are those of the hash below the directory's, so that a page splits without a look at its records.
// One writer changes a page while readers look: slots are atomic, and none moves within a page.
#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "binary/address.hpp"

namespace hexpage::kv {

using Slot = std::uint64_t;  // 0: empty
using Tag = std::uint32_t;

inline Address addressIn(Slot slot) { return slot & ((std::uint64_t{1} << kAddressBits) - 1); }
inline Tag tagIn(Slot slot) { return static_cast<Tag>(slot >> kAddressBits); }
inline Slot slotOf(Tag tag, Address address) { return Slot{tag} << kAddressBits | address; }

class alignas(64) Page {
 public:
  static constexpr unsigned kGroupSlots = 8;
  static constexpr unsigned kMaxGroups = 63;  // with the header 4,096 bytes
  static constexpr unsigned kTagBits = 12;    // of the hash below the directory's

  static Page* make(unsigned groups, unsigned depth, unsigned tagBase, std::uint64_t version);
  static void free(Page* page);
  // The fewest groups that hold so many slots and do not count as full.
  static unsigned groupsFor(std::size_t slots);

  Tag tagOf(std::uint64_t hash) const { return tagOf(hash, tagBase); }
  static Tag tagOf(std::uint64_t hash, unsigned tagBase) {
    return static_cast<Tag>(hash << tagBase >> (64 - kTagBits)) << 12 |
           static_cast<Tag>(hash & 0xFFF);
  }

  // The place of the slot with this tag of which `matches(address)` is true; -1: none.
  template <class Matches>
  int find(Tag tag, Matches&& matches) const {
    unsigned group = homeOf(tag);
    for (unsigned n = 0; n < groups; ++n) {
      const std::atomic<Slot>* const line = slots() + group * kGroupSlots;
      for (unsigned i = 0; i < kGroupSlots; ++i) {
        const Slot slot = line[i].load(std::memory_order_acquire);
        if (tagIn(slot) == tag && slot != 0 && matches(addressIn(slot)))
          return static_cast<int>(group * kGroupSlots + i);
      }
      if ((overflowed.load(std::memory_order_acquire) >> group & 1) == 0) return -1;
      if (++group == groups) group = 0;
    }
    return -1;
  }
  void prefetch(Tag tag) const { __builtin_prefetch(slots() + homeOf(tag) * kGroupSlots); }

  bool isFull() const { return count >= groups * kGroupSlots * 7 / 8; }
  // Adds a slot; the page must not be full.
  void insert(Slot slot);
  void replace(int place, Slot slot) { slots()[place].store(slot, std::memory_order_release); }
  void erase(int place);

  Slot slotAt(unsigned place) const { return slots()[place].load(std::memory_order_acquire); }
  unsigned capacity() const { return groups * kGroupSlots; }
  std::size_t bytes() const { return sizeof(Page) + capacity() * sizeof(Slot); }
  std::vector<Slot> all() const;

  Page* clone(std::uint64_t newVersion) const;
  // The same slots, laid out anew with room for one more.
  Page* grown(std::uint64_t newVersion) const;
  // So much was erased that searches run longer than they need.
  bool isWorn() const { return erasures > capacity() / 2; }

  // All but the atomics belong to the writer.
  std::uint64_t version;                     // no snapshot before it knows this page
  std::atomic<std::uint64_t> location{0};    // in the index file; 0: changed since
  std::atomic<std::uint64_t> overflowed{0};  // bit g: something of group g lies behind it
  std::uint32_t count = 0;
  std::uint16_t groups;
  std::uint16_t erasures = 0;
  std::uint8_t depth;                      // how many bits of the hash all in it share
  std::uint8_t tagBase;                    // where in the hash the tags' high bits begin
  std::atomic<std::uint8_t> isTouched{0};  // used since the last look for pages to put out

 private:
  Page(unsigned groups_, unsigned depth_, unsigned tagBase_, std::uint64_t version_);
  unsigned homeOf(Tag tag) const { return (tag & 0xFFF) * groups >> 12; }
  std::atomic<Slot>* slots() { return reinterpret_cast<std::atomic<Slot>*>(this + 1); }
  const std::atomic<Slot>* slots() const {
    return reinterpret_cast<const std::atomic<Slot>*>(this + 1);
  }
};
static_assert(sizeof(Page) == 64);

}  // namespace hexpage::kv
