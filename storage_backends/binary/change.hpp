// One record of a transaction, as the index has to learn it. The rest stands in the log.
#pragma once

#include <cstdint>
#include <hexpage/kv.hpp>

#include "binary/address.hpp"
#include "binary/record.hpp"

namespace hexpage::kv {

struct Change {
  std::uint64_t hash = 0;  // of the key
  std::uint64_t packed = 0;

  Change(std::uint64_t hash_, Address address, RecordKind kind, bool isTreeZero,
         bool isCounted = false)
      : hash(hash_),
        packed(address | static_cast<std::uint64_t>(kind) << kAddressBits |
               std::uint64_t{isTreeZero} << (kAddressBits + 2) |
               std::uint64_t{isCounted} << (kAddressBits + 3)) {}

  Address address() const { return packed & ((std::uint64_t{1} << kAddressBits) - 1); }
  RecordKind kind() const { return static_cast<RecordKind>(packed >> kAddressBits & 3); }
  bool isTreeZero() const { return (packed >> (kAddressBits + 2) & 1) != 0; }
  bool isCounted() const { return (packed >> (kAddressBits + 3) & 1) != 0; }
};
static_assert(sizeof(Change) == 16);

// How many records a transaction sets in a tree.
struct TreeSize {
  TreeId tree = 0;
  std::uint64_t records = 0;
};

}  // namespace hexpage::kv
