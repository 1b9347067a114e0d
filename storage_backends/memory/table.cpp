#include "memory/table.hpp"

#include <charconv>
#include <hexpage/error.hpp>
#include <utility>

#include "support/siphash.hpp"

namespace hexpage {
namespace {

constexpr std::size_t kChunkItems = 128;

// A cursor is the lowest hash value still to come, in hex.
std::string cursorAt(std::uint64_t hash) {
  char digits[16];
  const auto end = std::to_chars(digits, digits + sizeof digits, hash, 16).ptr;
  return {digits, end};
}

std::uint64_t parseCursor(std::string_view cursor) {
  std::uint64_t hash = 0;
  if (cursor.empty()) return hash;
  const char* const last = cursor.data() + cursor.size();
  const auto [end, error] = std::from_chars(cursor.data(), last, hash, 16);
  if (error != std::errc() || end != last)
    throw Error(Code::InvalidArgument, "no cursor of a scan: " + std::string(cursor));
  return hash;
}

}  // namespace

const Value* MemoryTable::find(std::string_view key) const {
  const std::uint64_t hash = sipHash(key);
  for (const Entry* entry = buckets_[bucketOf(hash)].get(); entry; entry = entry->next.get())
    if (entry->hash == hash && entry->key == key) return &entry->value;
  return nullptr;
}

MemoryTable::Link& MemoryTable::linkTo(std::uint64_t hash, std::string_view key) {
  Link* link = &buckets_[bucketOf(hash)];
  while (*link && !((*link)->hash == hash && (*link)->key == key)) link = &(*link)->next;
  return *link;
}

bool MemoryTable::put(std::string_view key, std::string_view text, Expires expires) {
  const std::uint64_t hash = sipHash(key);
  if (Link& link = linkTo(hash, key)) {
    bytes_ += text.size();
    bytes_ -= link->value.text.size();
    link->value.text = text;
    link->value.expires = expires;
    return false;
  }
  if (size_ >= buckets_.size()) grow();
  Link& first = buckets_[bucketOf(hash)];
  first = std::make_unique<Entry>(hash, key, Value{std::string(text), expires}, std::move(first));
  ++size_;
  bytes_ += key.size() + text.size();
  return true;
}

bool MemoryTable::remove(std::string_view key) {
  Link& link = linkTo(sipHash(key), key);
  if (!link) return false;
  --size_;
  bytes_ -= link->key.size() + link->value.text.size();
  link = Link(std::move(link->next));
  return true;
}

void MemoryTable::grow() {
  std::vector<Link> old(buckets_.size() * 2);
  old.swap(buckets_);
  ++bits_;
  for (Link& link : old) {
    while (link) {
      Link entry = std::move(link);
      link = std::move(entry->next);
      Link& first = buckets_[bucketOf(entry->hash)];
      entry->next = std::move(first);
      first = std::move(entry);
    }
  }
}

Chunk MemoryTable::scan(std::string_view cursor) const {
  const std::uint64_t from = parseCursor(cursor);
  Chunk chunk;
  std::size_t bucket = bucketOf(from);
  // Whole buckets, so that the cursor stands between two of them and equal hashes stay together.
  for (; bucket < buckets_.size() && chunk.items.size() < kChunkItems; ++bucket)
    for (const Entry* entry = buckets_[bucket].get(); entry; entry = entry->next.get())
      if (entry->hash >= from)
        chunk.items.push_back({entry->key, entry->value.text, entry->value.expires});
  if (bucket < buckets_.size()) chunk.next = cursorAt(std::uint64_t{bucket} << (64 - bits_));
  return chunk;
}

}  // namespace hexpage
