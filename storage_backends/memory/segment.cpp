#include "memory/segment.hpp"

#include <algorithm>
#include <bit>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace hexpage {

std::uint64_t Segment::placesOf(std::uint8_t tag) const {
  std::uint64_t places = 0;
#ifdef __SSE2__
  const __m128i wanted = _mm_set1_epi8(static_cast<char>(tag));
  for (std::size_t at = 0; at < size(); at += 16) {
    const auto* const sixteen = reinterpret_cast<const __m128i*>(&tags_[at]);
    const int equal = _mm_movemask_epi8(_mm_cmpeq_epi8(_mm_loadu_si128(sixteen), wanted));
    places |= std::uint64_t{static_cast<unsigned>(equal)} << at;
  }
  if (size() < kMost) places &= (std::uint64_t{1} << size()) - 1;
#else
  for (std::size_t at = 0; at < size(); ++at) places |= std::uint64_t{tags_[at] == tag} << at;
#endif
  return places;
}

std::size_t Segment::find(const HashedKey& key) const {
  for (std::uint64_t places = placesOf(tagOf(key.hash)); places != 0; places &= places - 1) {
    const auto place = static_cast<std::size_t>(std::countr_zero(places));
    if (areSame(entries_[place]->key(), key.text)) return place;
  }
  return size();
}

std::shared_ptr<Segment> Segment::copy(Moments::Number madeAt) const {
  auto copy = std::make_shared<Segment>(depth_, madeAt);
  copy->entries_.reserve(entries_.capacity());
  for (const EntryPtr& entry : entries_)
    copy->entries_.push_back(Entry::make(entry->key(), entry->text(), entry->expires()));
  copy->tags_ = tags_;
  copy->sizeBytes_ = sizeBytes_;
  return copy;
}

void Segment::spoil(Moments::Number now) noexcept {
  const std::lock_guard guard(mutex_);
  spoiledAt_ = madeAt_ = now;
}

void Segment::add(std::uint64_t hash, EntryPtr entry) {
  const std::size_t bytes = entry->sizeBytes();
  entries_.push_back(std::move(entry));
  tags_[size() - 1] = tagOf(hash);
  sizeBytes_ += bytes;
}

void Segment::replace(std::size_t place, std::string_view text, Expires expires) {
  EntryPtr& entry = entries_[place];
  const std::size_t before = entry->sizeBytes();
  if (!entry->replace(text, expires)) entry = Entry::make(entry->key(), text, expires);
  sizeBytes_ += entry->sizeBytes();
  sizeBytes_ -= before;
}

EntryPtr Segment::exchange(std::size_t place, EntryPtr entry) noexcept {
  sizeBytes_ += entry->sizeBytes();
  std::swap(entries_[place], entry);
  sizeBytes_ -= entry->sizeBytes();
  return entry;
}

EntryPtr Segment::take(std::size_t place) noexcept {
  EntryPtr entry = std::move(entries_[place]);
  entries_[place] = std::move(entries_.back());
  tags_[place] = tags_[size() - 1];
  entries_.pop_back();
  sizeBytes_ -= entry->sizeBytes();
  return entry;
}

void Segment::take(Segment& from) noexcept {
  for (std::size_t i = 0; i < from.size(); ++i) {
    tags_[size()] = from.tags_[i];
    entries_.push_back(std::move(from.entries_[i]));
  }
  sizeBytes_ += from.sizeBytes_;
  from.entries_.clear();
  from.sizeBytes_ = 0;
}

void Segment::split(std::uint64_t bit, Segment& low, Segment& high) {
  std::array<std::uint64_t, kMost> hashes{};
  for (std::size_t i = 0; i < size(); ++i) hashes[i] = keyedHash(entries_[i]->key());
  const auto isHigh = [bit](std::uint64_t hash) { return (hash & bit) != 0; };
  const auto ofHigh =
      static_cast<std::size_t>(std::count_if(hashes.begin(), hashes.begin() + size(), isHigh));
  high.entries_.reserve(ofHigh);
  low.entries_.reserve(size() - ofHigh);
  for (std::size_t i = 0; i < size(); ++i)
    (isHigh(hashes[i]) ? high : low).add(hashes[i], std::move(entries_[i]));
  entries_.clear();
  sizeBytes_ = 0;
}

}  // namespace hexpage
