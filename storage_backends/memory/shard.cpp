#include "memory/shard.hpp"

#include <utility>

#include "memory/snapshot.hpp"

namespace hexpage {
namespace {

constexpr std::size_t kChunkBytes = std::size_t{1} << 20;
constexpr std::size_t kSavedBytes = std::size_t{64} << 10;  // while the shard's mutex is held

Item itemOf(const Entry& entry) {
  return {std::string(entry.key()), std::string(entry.text()), entry.expires()};
}

}  // namespace

const Entry* Shard::find(const HashedKey& key) const {
  if (directory_.empty()) return nullptr;
  const Segment& segment = *directory_[slotOf(key.hash)];
  const std::size_t place = segment.find(key);
  return place == segment.size() ? nullptr : &segment.at(place);
}

bool Shard::put(const HashedKey& key, std::string_view text, Expires expires) {
  if (!directory_.empty()) {
    Segment& segment = changeable(key.hash);
    const std::size_t place = segment.find(key);
    if (place != segment.size()) {
      replace(segment, place, key.hash, text, expires);
      return false;
    }
  }
  add(key.hash, Entry::make(key.text, text, expires));
  return true;
}

void Shard::replace(Segment& segment, std::size_t place, std::uint64_t hash, std::string_view text,
                    Expires expires) {
  sizeBytes_ += text.size();
  sizeBytes_ -= segment.at(place).text().size();
  const Expires before = segment.at(place).expires();
  segment.replace(place, text, expires);
  noteTime(hash, before, expires);
}

void Shard::add(std::uint64_t hash, EntryPtr entry) {
  if (directory_.empty()) directory_.push_back(makeSegment(0));
  while (changeable(hash).isFull()) split(hash);
  ++size_;
  sizeBytes_ += entry->sizeBytes();
  const Expires expires = entry->expires();
  directory_[slotOf(hash)]->add(hash, std::move(entry));
  noteTime(hash, 0, expires);
}

bool Shard::remove(const HashedKey& key) {
  if (directory_.empty()) return false;
  Segment& segment = changeable(key.hash);
  const std::size_t place = segment.find(key);
  if (place == segment.size()) return false;
  --size_;
  const EntryPtr taken = segment.take(place);
  sizeBytes_ -= taken->sizeBytes();
  noteTime(key.hash, taken->expires(), 0);
  gather(key.hash);
  return true;
}

void Shard::clear() {
  if (!directory_.empty() && table_->saving.current() != 0)
    table_->saving.keepShard(table_->number, std::move(directory_));
  directory_.clear();
  depth_ = 0;
  size_ = 0;
  sizeBytes_ = 0;
  due_.clear();
  expiring_ = 0;
}

std::optional<std::uint64_t> Shard::collect(std::uint64_t from, Collected& all) const {
  return eachSegment(from, [&](const Segment& segment, std::uint64_t begin) {
    for (const EntryPtr& entry : segment.entries())
      if (begin >= from || keyedHash(entry->key()) >= from)
        all.chunk.items.push_back(itemOf(*entry));
    all.bytes += segment.sizeBytes();
    return !all.isEnough();
  });
}

std::optional<DueTimes::Due> Shard::collectDue(Expires now, const DueTimes::Due& after,
                                               Collected& all) {
  std::optional<DueTimes::Due> last;
  const auto add = [&](const Entry& entry) {
    all.chunk.items.push_back(itemOf(entry));
    all.bytes += entry.sizeBytes();
  };
  const auto isLive = [this](const DueTimes::Due& due) { return isThere(due); };
  due_.each(now, after, isLive, [&](const DueTimes::Due& due) {
    eachDue(due, add);
    if (all.isEnough()) last = due;
    return !all.isEnough();
  });
  return last;
}

template <class Visit>
void Shard::eachDue(const DueTimes::Due& due, Visit visit) const {
  if (directory_.empty()) return;
  for (const EntryPtr& entry : directory_[slotOf(due.hash)]->entries())
    if (entry->expires() == due.at && keyedHash(entry->key()) == due.hash) visit(*entry);
}

bool Shard::isThere(const DueTimes::Due& due) const {
  bool isAny = false;
  eachDue(due, [&](const Entry&) { isAny = true; });
  return isAny;
}

void Shard::noteTime(std::uint64_t hash, Expires before, Expires after) {
  if (before == after) return;
  expiring_ += after != 0;
  expiring_ -= before != 0;
  if (after != 0) due_.add({after, hash});
  due_.tidy(expiring_, [this](const DueTimes::Due& due) { return isThere(due); });
}

std::optional<std::uint64_t> Shard::save(std::uint64_t from) {
  std::size_t bytes = 0;
  return eachSegment(from, [&](Segment& segment, std::uint64_t) {
    preserve(segment);
    bytes += segment.sizeBytes();
    return bytes < kSavedBytes;
  });
}

void Shard::preserve(Segment& segment) {
  Saving& saving = table_->saving;
  if (!saving.awaits(segment.savedIn)) return;
  saving.keepItems(itemsFrame(table_->number, segment));
  segment.savedIn = saving.current();
}

Segment& Shard::changeable(std::uint64_t hash) {
  Segment& segment = *directory_[slotOf(hash)];
  preserve(segment);
  return segment;
}

Shard::SegmentPtr Shard::makeSegment(unsigned depth) const {
  return std::make_shared<Segment>(depth, table_->saving.current());
}

bool Shard::Collected::isEnough() const {
  return chunk.items.size() >= kChunkItems || bytes >= kChunkBytes;
}

// The lowest hash value of a slot; `hash` is any that belongs to this shard.
std::uint64_t Shard::withBitsBefore(std::uint64_t hash, std::size_t slot) const {
  const std::uint64_t within = depth_ == 0 ? 0 : std::uint64_t{slot} << (64 - depth_);
  const unsigned bits = table_->firstBit;
  const std::uint64_t before = bits == 0 ? 0 : hash & (~std::uint64_t{0} << (64 - bits));
  return before | within >> bits;
}

void Shard::split(std::uint64_t hash) {
  if (directory_[slotOf(hash)]->depth() == depth_) doubleDirectory();
  const std::size_t first = firstSlot(slotOf(hash));
  const SegmentPtr full = directory_[first];
  const std::size_t half = slots(*full) / 2;
  const auto low = makeSegment(full->depth() + 1);
  const auto high = makeSegment(full->depth() + 1);
  full->split(bitAfter(full->depth()), *low, *high);
  point(first, half, low);
  point(first + half, half, high);
}

// Makes one of two segments that are nearly empty, as often as it goes. The one that has the hash
// value is preserved.
void Shard::gather(std::uint64_t hash) {
  while (directory_[slotOf(hash)]->depth() > 0) {
    const std::size_t first = firstSlot(slotOf(hash));
    const SegmentPtr segment = directory_[first];
    const SegmentPtr other = directory_[first ^ slots(*segment)];
    if (other->depth() != segment->depth() || !areFew(*segment, *other)) return;
    preserve(*other);
    const auto both = makeSegment(segment->depth() - 1);
    both->take(*segment);
    both->take(*other);
    point(first & ~slots(*segment), 2 * slots(*segment), both);
  }
}

void Shard::doubleDirectory() {
  std::vector<SegmentPtr> doubled;
  doubled.reserve(directory_.size() * 2);
  for (const SegmentPtr& segment : directory_) doubled.insert(doubled.end(), 2, segment);
  directory_ = std::move(doubled);
  ++depth_;
}

void Shard::point(std::size_t first, std::size_t count, const SegmentPtr& segment) {
  for (std::size_t slot = first; slot < first + count; ++slot) directory_[slot] = segment;
}

}  // namespace hexpage
