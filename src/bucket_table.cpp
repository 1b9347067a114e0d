#include "bucket_table.hpp"

#include <bit>

#include "support/checksum.hpp"

namespace hexpage {
namespace {

constexpr std::uint64_t kBucketItems = 64;
constexpr std::uint64_t kGrowth = 8;  // from that on a table no longer suits
constexpr std::uint64_t kSeed = 2;

}  // namespace

BucketTable BucketTable::forItems(std::uint64_t items) {
  return BucketTable(std::vector<std::uint64_t>(std::bit_ceil(items / kBucketItems + 1)));
}

std::size_t BucketTable::bucketOf(std::string_view key) const {
  return checksum(key, kSeed) & (sums_.size() - 1);
}

bool BucketTable::suits(std::uint64_t items) const {
  return items / kBucketItems / kGrowth <= sums_.size();
}

}  // namespace hexpage
