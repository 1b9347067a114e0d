#include "memory/segment.hpp"

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
  tags_[size()] = tagOf(hash);
  sizeBytes_ += entry->sizeBytes();
  entries_.push_back(std::move(entry));
}

void Segment::replace(std::size_t place, std::string_view text, Expires expires) {
  EntryPtr& entry = entries_[place];
  sizeBytes_ -= entry->sizeBytes();
  if (!entry->replace(text, expires)) entry = Entry::make(entry->key(), text, expires);
  sizeBytes_ += entry->sizeBytes();
}

EntryPtr Segment::take(std::size_t place) {
  EntryPtr entry = std::move(entries_[place]);
  entries_[place] = std::move(entries_.back());
  tags_[place] = tags_[size() - 1];
  entries_.pop_back();
  sizeBytes_ -= entry->sizeBytes();
  return entry;
}

void Segment::take(Segment& from) {
  for (std::size_t i = 0; i < from.size(); ++i) {
    tags_[size()] = from.tags_[i];
    entries_.push_back(std::move(from.entries_[i]));
  }
  sizeBytes_ += from.sizeBytes_;
  from.entries_.clear();
  from.sizeBytes_ = 0;
}

void Segment::split(std::uint64_t bit, Segment& low, Segment& high) {
  for (EntryPtr& entry : entries_) {
    const std::uint64_t hash = keyedHash(entry->key());
    (hash & bit ? high : low).add(hash, std::move(entry));
  }
  entries_.clear();
  sizeBytes_ = 0;
}

}  // namespace hexpage
