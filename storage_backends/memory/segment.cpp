#include "memory/segment.hpp"

#include <algorithm>
#include <cstring>

namespace hexpage {

std::size_t Segment::find(const HashedKey& key) const {
  const std::uint8_t* const begin = tags_.data();
  const std::uint8_t* const end = begin + size();
  for (const std::uint8_t* at = begin; at != end; ++at) {
    at = static_cast<const std::uint8_t*>(
        std::memchr(at, tagOf(key.hash), static_cast<std::size_t>(end - at)));
    if (!at) break;
    const auto place = static_cast<std::size_t>(at - begin);
    if (entries_[place]->key() == key.text) return place;
  }
  return size();
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
