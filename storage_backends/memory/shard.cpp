#include "memory/shard.hpp"

#include <new>
#include <utility>

namespace hexpage {
namespace {

constexpr std::size_t kChunkBytes = std::size_t{1} << 20;

}  // namespace

const Entry* Shard::find(const HashedKey& key) const {
  if (directory_.isEmpty()) return nullptr;
  const Segment& segment = directory_.of(key.hash);
  const std::size_t place = segment.find(key);
  return place == segment.size() ? nullptr : &segment.at(place);
}

bool Shard::put(const HashedKey& key, std::string_view text, Expires expires) {
  if (!directory_.isEmpty()) {
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
  if (directory_.isEmpty()) directory_.begin(makeSegment(directory_.depth()));
  while (changeable(hash).isFull()) split(hash);
  const std::size_t bytes = entry->sizeBytes();
  const Expires expires = entry->expires();
  expect(hash, expires);
  directory_.of(hash).add(hash, std::move(entry));
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
  if (directory_.isEmpty()) return nullptr;
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
    if (!directory_.isEmpty()) gather(hash);
  } catch (const std::bad_alloc&) {  // two segments stay where one would do
  }
}

void Shard::clear() noexcept {
  directory_ = Directory(directory_.firstBit());
  directoryMadeAt_ = 0;
  size_ = 0;
  sizeBytes_ = 0;
  due_.clear();
  expiring_ = 0;
}

void Shard::takeOver(Shard& other) noexcept {
  std::swap(directory_, other.directory_);
  std::swap(directoryMadeAt_, other.directoryMadeAt_);
  std::swap(size_, other.size_);
  std::swap(sizeBytes_, other.sizeBytes_);
  std::swap(due_, other.due_);
  std::swap(expiring_, other.expiring_);
}

void Shard::spread(unsigned bits, Shard* parts) {
  if (directory_.isEmpty()) return;
  for (std::size_t part = 0; part < std::size_t{1} << bits; ++part) {
    const std::uint64_t hash = std::uint64_t{part} << (64 - bits);
    while (directory_.of(hash).depth() < bits) {
      changeable(hash);
      split(hash);
    }
  }
  for (std::size_t part = 0; part < std::size_t{1} << bits; ++part)
    parts[part].takePart(directory_.part(bits, part));
  for (const DueTimes::Due& due : due_.all()) parts[due.hash >> (64 - bits)].due_.add(due);
}

void Shard::takePart(Directory part) {
  directory_ = std::move(part);
  directoryMadeAt_ = moments_->newest();
  directory_.each(0, [&](const Segment& segment, std::uint64_t) {
    size_ += segment.size();
    sizeBytes_ += segment.sizeBytes();
    for (const EntryPtr& entry : segment.entries()) expiring_ += entry->expires() != 0;
    return true;
  });
}

std::optional<std::uint64_t> Shard::collect(std::uint64_t from, Collected& all) const {
  return directory_.each(from, [&](const Segment& segment, std::uint64_t begin) {
    for (const EntryPtr& entry : segment.entries())
      if (begin >= from || keyedHash(entry->key()) >= from) all.add(*entry);
    return !all.isEnough();
  });
}

std::optional<DueTimes::Due> Shard::collectDue(Expires now, const DueTimes::Due& after,
                                               Collected& all) {
  std::optional<DueTimes::Due> last;
  const auto isLive = [this](const DueTimes::Due& due) { return isThere(due); };
  due_.each(now, after, isLive, [&](const DueTimes::Due& due) {
    eachDue(due, [&](const Entry& entry) { all.add(entry); });
    if (all.isEnough()) last = due;
    return !all.isEnough();
  });
  return last;
}

template <class Visit>
void Shard::eachDue(const DueTimes::Due& due, Visit visit) const {
  if (directory_.isEmpty()) return;
  for (const EntryPtr& entry : directory_.of(due.hash).entries())
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

Segment& Shard::separated(std::uint64_t hash) noexcept {
  const Moments::Number now = moments_->newest();
  try {
    const auto own = directory_.of(hash).copy(now);
    ownDirectory();
    directory_.put(hash, own);
  } catch (const std::bad_alloc&) {
    directory_.of(hash).spoil(now);
  }
  return directory_.of(hash);
}

void Shard::ownDirectory() {
  if (!moments_->have(directoryMadeAt_)) return;
  directory_ = directory_.copy();
  directoryMadeAt_ = moments_->newest();
}

Directory::SegmentPtr Shard::makeSegment(unsigned depth) const {
  return std::make_shared<Segment>(depth, moments_->newest());
}

void Shard::Collected::add(const Entry& entry) {
  chunk.items.push_back({std::string(entry.key()), std::string(entry.text()), entry.expires()});
  bytes += entry.sizeBytes();
}

bool Shard::Collected::isEnough() const {
  return chunk.items.size() >= kChunkItems || bytes >= kChunkBytes;
}

// The segment of the hash value is changeable.
void Shard::split(std::uint64_t hash) {
  const Directory::SegmentPtr full = directory_.pointerOf(hash);
  const unsigned depth = full->depth();
  const auto low = makeSegment(depth + 1), high = makeSegment(depth + 1);
  if (depth == directory_.depth()) {
    directory_ = directory_.doubled();
    directoryMadeAt_ = moments_->newest();
  } else {
    ownDirectory();
  }
  const std::uint64_t bit = std::uint64_t{1} << (63 - depth);
  full->split(bit, *low, *high);
  directory_.put(hash & ~bit, low);
  directory_.put(hash | bit, high);
}

// Makes one of two segments that are nearly empty, as often as it goes. That of the hash value is
// changeable.
void Shard::gather(std::uint64_t hash) {
  for (;;) {
    const Directory::SegmentPtr segment = directory_.pointerOf(hash);
    const unsigned depth = segment->depth();
    if (depth == directory_.firstBit()) return;
    const Segment& beside = *directory_.besideOf(hash);
    if (beside.depth() != depth || !areFew(*segment, beside)) return;
    const auto both = makeSegment(depth - 1);
    both->reserve(segment->size() + beside.size());
    ownDirectory();
    Segment& other = changeable(hash ^ std::uint64_t{1} << (64 - depth));
    both->take(*segment);
    both->take(other);
    directory_.put(hash, both);
  }
}

}  // namespace hexpage
