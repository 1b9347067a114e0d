// A digest of the items of a hash in each of a number of buckets, which tells where they changed.
#pragma once

#include <cstdint>
#include <hexpage/types.hpp>
#include <string_view>
#include <vector>

namespace hexpage {

struct ItemDigest;

// A key falls into the bucket that a checksum of it says, alike everywhere.
class BucketTable {
 public:
  BucketTable() = default;
  explicit BucketTable(std::vector<std::uint64_t> sums) : sums_(std::move(sums)) {}

  // Empty, for a hash of about so many items: some 64 in a bucket.
  static BucketTable forItems(std::uint64_t items);
  // Empty, with as many buckets as another one.
  static BucketTable like(const BucketTable& other) {
    return BucketTable(std::vector<std::uint64_t>(other.sums_.size()));
  }

  std::size_t bucketOf(std::string_view key) const;
  // `sum` is what ItemDigest::add gave of the item.
  void add(std::string_view key, std::uint64_t sum) { sums_[bucketOf(key)] += sum; }

  const std::vector<std::uint64_t>& sums() const { return sums_; }
  // Whether its buckets are of a sensible size for so many items.
  bool suits(std::uint64_t items) const;

 private:
  std::vector<std::uint64_t> sums_ = {0};  // a power of two of them
};

}  // namespace hexpage
