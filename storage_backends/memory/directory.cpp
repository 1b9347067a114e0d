#include "memory/directory.hpp"

#include <algorithm>
#include <utility>

namespace hexpage {

void Directory::begin(SegmentPtr only) {
  slots_ = std::make_shared<SegmentPtr[]>(1);
  slots_[0] = std::move(only);
}

const Directory::SegmentPtr& Directory::besideOf(std::uint64_t hash) const {
  const std::size_t slots = slotsOf(of(hash));
  return slots_[(slotOf(hash) & ~(slots - 1)) ^ slots];
}

void Directory::put(std::uint64_t hash, const SegmentPtr& segment) noexcept {
  const std::size_t slots = slotsOf(*segment), first = slotOf(hash) & ~(slots - 1);
  std::fill_n(&slots_[first], slots, segment);
}

Directory Directory::copy() const {
  Directory copy(*this);
  copy.slots_ = std::make_shared<SegmentPtr[]>(size());
  std::copy_n(&slots_[0], size(), &copy.slots_[0]);
  return copy;
}

Directory Directory::doubled() const {
  Directory doubled(firstBit_);
  doubled.depth_ = depth_ + 1;
  doubled.slots_ = std::make_shared<SegmentPtr[]>(doubled.size());
  for (std::size_t slot = 0; slot < doubled.size(); ++slot) doubled.slots_[slot] = slots_[slot / 2];
  return doubled;
}

Directory Directory::part(unsigned bits, std::size_t part) const {
  Directory some(firstBit_ + bits);
  some.depth_ = depth_ - bits;
  some.slots_ = std::make_shared<SegmentPtr[]>(some.size());
  std::copy_n(&slots_[part * some.size()], some.size(), &some.slots_[0]);
  return some;
}

std::uint64_t Directory::lowestOf(std::uint64_t hash, std::size_t slot) const {
  const std::uint64_t within = depth_ == 0 ? 0 : std::uint64_t{slot} << (64 - depth_);
  const std::uint64_t before = firstBit_ == 0 ? 0 : hash & (~std::uint64_t{0} << (64 - firstBit_));
  return before | within >> firstBit_;
}

}  // namespace hexpage
