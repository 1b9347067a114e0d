// Finds a transaction's own changes by the hash of their keys: eight bytes for each.
#pragma once

#include <cstdint>
#include <vector>

namespace hexpage::kv {

class ChangeTable {
 public:
  // The change of this hash of which `matches(change)` is true, or nullptr. The pointer holds until
  // the next add().
  template <class Matches>
  std::uint32_t* find(std::uint64_t hash, Matches&& matches) {
    if (places_.empty()) return nullptr;
    for (std::size_t at = hash & mask();; at = (at + 1) & mask()) {
      if (places_[at] == kNone) return nullptr;
      if (matches(places_[at])) return &places_[at];
    }
  }

  // `hashOf(change)` says the hash of one that was added before.
  template <class HashOf>
  void add(std::uint64_t hash, std::uint32_t change, HashOf&& hashOf) {
    if (++used_ * 2 > places_.size()) grow(hashOf);
    place(hash, change);
  }

 private:
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};

  std::size_t mask() const { return places_.size() - 1; }
  void place(std::uint64_t hash, std::uint32_t change) {
    std::size_t at = hash & mask();
    while (places_[at] != kNone) at = (at + 1) & mask();
    places_[at] = change;
  }
  template <class HashOf>
  void grow(HashOf&& hashOf) {
    std::vector<std::uint32_t> before(places_.empty() ? 64 : places_.size() * 2, kNone);
    before.swap(places_);
    for (const std::uint32_t change : before)
      if (change != kNone) place(hashOf(change), change);
  }

  std::vector<std::uint32_t> places_;  // a power of two
  std::size_t used_ = 0;
};

}  // namespace hexpage::kv
