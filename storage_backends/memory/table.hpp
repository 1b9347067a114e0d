// The items of one hash in memory: a chained hash table whose buckets lie in the order of the
// hashed keys, so that a scan goes on from a hash value however often the table has grown
// meanwhile.
#pragma once

#include <cstdint>
#include <hexpage/types.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace hexpage {

// Not safe between threads by itself.
class MemoryTable {
 public:
  MemoryTable() : buckets_(1) {}

  const Value* find(std::string_view key) const;
  // Both say whether the number of items changed.
  bool put(std::string_view key, std::string_view text, Expires expires);
  bool remove(std::string_view key);

  std::size_t size() const { return size_; }
  std::uint64_t bytes() const { return bytes_; }  // of keys and texts
  Chunk scan(std::string_view cursor) const;

 private:
  struct Entry {
    Entry(std::uint64_t h, std::string_view k, Value v, std::unique_ptr<Entry> n)
        : hash(h), key(k), value(std::move(v)), next(std::move(n)) {}

    std::uint64_t hash;
    std::string key;
    Value value;
    std::unique_ptr<Entry> next;
  };
  using Link = std::unique_ptr<Entry>;

  std::size_t bucketOf(std::uint64_t hash) const { return bits_ == 0 ? 0 : hash >> (64 - bits_); }
  Link& linkTo(std::uint64_t hash, std::string_view key);
  void grow();

  std::vector<Link> buckets_;  // 2^bits_, by the highest bits of the hash
  unsigned bits_ = 0;
  std::size_t size_ = 0;
  std::uint64_t bytes_ = 0;
};

}  // namespace hexpage
