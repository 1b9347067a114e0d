#include "binary/page.hpp"

#include <new>

namespace hexpage::kv {
namespace {

// Steps that keep pages more than two thirds full between splits.
constexpr unsigned kSizes[] = {1, 3, 7, 15, 23, 31, 39, 47, 55, 63};

}  // namespace

Page::Page(unsigned groups_, unsigned depth_, unsigned tagBase_, std::uint64_t version_)
    : version(version_),
      groups(static_cast<std::uint16_t>(groups_)),
      depth(static_cast<std::uint8_t>(depth_)),
      tagBase(static_cast<std::uint8_t>(tagBase_)) {}

Page* Page::make(unsigned groups, unsigned depth, unsigned tagBase, std::uint64_t version) {
  const std::size_t slotBytes = groups * kGroupSlots * sizeof(Slot);
  void* const memory = ::operator new (sizeof(Page) + slotBytes, std::align_val_t{64});
  Page* const page = new (memory) Page(groups, depth, tagBase, version);
  for (unsigned i = 0; i < page->capacity(); ++i) new (page->slots() + i) std::atomic<Slot>(0);
  return page;
}

void Page::free(Page* page) { ::operator delete (page, std::align_val_t{64}); }

unsigned Page::groupsFor(std::size_t slots) {
  for (const unsigned groups : kSizes)
    if (slots < groups * kGroupSlots * 7 / 8) return groups;
  return kMaxGroups;
}

void Page::insert(Slot slot) {
  unsigned group = homeOf(tagIn(slot));
  for (;;) {
    std::atomic<Slot>* const line = slots() + group * kGroupSlots;
    for (unsigned i = 0; i < kGroupSlots; ++i)
      if (line[i].load(std::memory_order_relaxed) == 0) {
        line[i].store(slot, std::memory_order_release);
        ++count;
        return;
      }
    overflowed.fetch_or(std::uint64_t{1} << group, std::memory_order_release);
    if (++group == groups) group = 0;
  }
}

void Page::erase(int place) {
  slots()[place].store(0, std::memory_order_release);
  --count;
  ++erasures;
}

std::vector<Slot> Page::all() const {
  std::vector<Slot> found;
  found.reserve(capacity());  // the count is the writer's
  for (unsigned i = 0; i < capacity(); ++i)
    if (const Slot slot = slotAt(i); slot != 0) found.push_back(slot);
  return found;
}

Page* Page::clone(std::uint64_t newVersion) const {
  Page* const copy = make(groups, depth, tagBase, newVersion);
  for (unsigned i = 0; i < capacity(); ++i)
    copy->slots()[i].store(slotAt(i), std::memory_order_relaxed);
  copy->overflowed = overflowed.load();
  copy->count = count;
  return copy;
}

Page* Page::grown(std::uint64_t newVersion) const {
  Page* const larger = make(groupsFor(count + 1u), depth, tagBase, newVersion);
  for (unsigned i = 0; i < capacity(); ++i)
    if (const Slot slot = slotAt(i); slot != 0) larger->insert(slot);
  return larger;
}

}  // namespace hexpage::kv
