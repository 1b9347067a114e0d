#include "memory/shard.hpp"

#include <new>
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
  const std::size_t textBefore = segment.at(place).text().size();
  const Expires before = segment.at(place).expires();
  if (before != expires) expect(hash, expires);
  segment.replace(place, text, expires);
  sizeBytes_ += text.size();
  sizeBytes_ -= textBefore;
  countTime(before, expires);
  if (before != expires) tidyTimes();
}

void Shard::add(std::uint64_t hash, EntryPtr entry) {
  if (directory_.empty()) directory_.push_back(makeSegment(0));
  while (changeable(hash).isFull()) split(hash);
  const std::size_t bytes = entry->sizeBytes();
  const Expires expires = entry->expires();
  expect(hash, expires);
  directory_[slotOf(hash)]->add(hash, std::move(entry));
  ++size_;
  sizeBytes_ += bytes;
  countTime(0, expires);
}

bool Shard::remove(const HashedKey& key) noexcept {
  if (!take(key)) return false;
  settle(key.hash);
  return true;
}

void Shard::expect(std::uint64_t hash, Expires expires) {
  if (expires != 0) due_.add({expires, hash});
}

void Shard::exchange(const HashedKey& key, EntryPtr entry) noexcept {
  Segment& segment = changeable(key.hash);
  sizeBytes_ += entry->sizeBytes();
  const Expires expires = entry->expires();
  const EntryPtr before = segment.exchange(segment.find(key), std::move(entry));
  sizeBytes_ -= before->sizeBytes();
  countTime(before->expires(), expires);
}

EntryPtr Shard::take(const HashedKey& key) noexcept {
  if (directory_.empty()) return nullptr;
  Segment& segment = changeable(key.hash);
  const std::size_t place = segment.find(key);
  if (place == segment.size()) return nullptr;
  EntryPtr taken = segment.take(place);
  --size_;
  sizeBytes_ -= taken->sizeBytes();
  countTime(taken->expires(), 0);
  return taken;
}

void Shard::settle(std::uint64_t hash) noexcept {
  tidyTimes();
  try {
    if (!directory_.empty()) gather(hash);
  } catch (const std::bad_alloc&) {  // two segments stay where one would do
  }
}

void Shard::clear() noexcept {
  if (!directory_.empty() && table_->saving.current() != 0)
    table_->saving.attempt(
        [&] { table_->saving.keepShard(table_->number, std::move(directory_)); });
  directory_.clear();
  depth_ = 0;
  size_ = 0;
  sizeBytes_ = 0;
  due_.clear();
  expiring_ = 0;
}

void Shard::takeOver(Shard& other) noexcept {
  clear();
  directory_.swap(other.directory_);
  std::swap(depth_, other.depth_);
  std::swap(size_, other.size_);
  std::swap(sizeBytes_, other.sizeBytes_);
  std::swap(due_, other.due_);
  std::swap(expiring_, other.expiring_);
}

void Shard::prepareSpread(unsigned bits, Shard* parts) {
  if (directory_.empty()) return;
  while (depth_ < bits) doubleDirectory();
  for (std::size_t slot = 0; slot < directory_.size();) {
    Segment& segment = *directory_[slot];
    if (segment.depth() >= bits) {
      slot += slots(segment);
      continue;
    }
    preserve(segment);
    split(withBitsBefore(0, slot));
  }
  for (std::size_t part = 0; part < std::size_t{1} << bits; ++part)
    parts[part].directory_.reserve(directory_.size() >> bits);
  std::vector<std::size_t> times(std::size_t{1} << bits);
  for (const DueTimes::Due& due : due_.all()) ++times[due.hash >> (64 - bits)];
  for (std::size_t part = 0; part < times.size(); ++part) parts[part].due_.reserve(times[part]);
}

// The segments stay as they are: each is of one part.
void Shard::spread(unsigned bits, Shard* parts) noexcept {
  const std::size_t slotsOfPart = directory_.size() >> bits;
  for (std::size_t slot = 0; slot < directory_.size(); ++slot) {
    Shard& part = parts[slot / slotsOfPart];
    part.depth_ = depth_ - bits;
    part.directory_.push_back(directory_[slot]);
    if (slot != firstSlot(slot)) continue;
    const Segment& segment = *directory_[slot];
    part.size_ += segment.size();
    part.sizeBytes_ += segment.sizeBytes();
    for (const EntryPtr& entry : segment.entries()) part.expiring_ += entry->expires() != 0;
  }
  for (const DueTimes::Due& due : due_.all()) parts[due.hash >> (64 - bits)].due_.add(due);
  for (std::size_t slot = 0; slot < directory_.size();) {
    Segment& segment = *directory_[slot];
    slot += slots(segment);
    segment.shorten(bits);
  }
  directory_.clear();  // nothing of it is handed to a save: it is there still
  clear();
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

void Shard::countTime(Expires before, Expires after) noexcept {
  expiring_ += after != 0;
  expiring_ -= before != 0;
}

void Shard::tidyTimes() noexcept {
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

void Shard::preserve(Segment& segment) noexcept {
  Saving& saving = table_->saving;
  if (!saving.awaits(segment.savedIn)) return;
  saving.attempt([&] { saving.keepItems(itemsFrame(table_->number, segment)); });
  segment.savedIn = saving.current();
}

Segment& Shard::changeable(std::uint64_t hash) noexcept {
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
    both->reserve(segment->size() + other->size());
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

void Shard::point(std::size_t first, std::size_t count, const SegmentPtr& segment) noexcept {
  for (std::size_t slot = first; slot < first + count; ++slot) directory_[slot] = segment;
}

}  // namespace hexpage
