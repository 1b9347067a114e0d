// When items expire, the earliest first: a heap that is not told when an item is removed or gets
// another time. What it says of such an item is found out and forgotten when its turn comes, or
// when there is more of that than of items.
#pragma once

#include <algorithm>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <hexpage/types.hpp>
#include <vector>

#include "support/at_end.hpp"

namespace hexpage {

class DueTimes {
 public:
  struct Due {
    Expires at = 0;
    std::uint64_t hash = 0;  // of the item's key

    friend auto operator<=>(const Due&, const Due&) = default;
  };

  void add(Due due) {
    heap_.push_back(due);
    std::push_heap(heap_.begin(), heap_.end(), std::greater<>());
  }

  // To be called now and then; isLive(due) tells whether such an item is there.
  template <class IsLive>
  void tidy(std::size_t items, IsLive isLive) noexcept {
    if (heap_.size() <= 2 * items + kSpare) return;
    std::sort(heap_.begin(), heap_.end());  // a sorted one is a heap
    heap_.erase(std::unique(heap_.begin(), heap_.end()), heap_.end());
    std::erase_if(heap_, [&](const Due& due) { return !isLive(due); });
  }

  // Calls visit(due) with those after `after` that are due at `now`, in their order, once each,
  // until it gives false; one that is not live is forgotten instead.
  template <class IsLive, class Visit>
  void each(Expires now, const Due& after, IsLive isLive, Visit visit) {
    std::vector<Due> kept;
    const AtEnd back([&] {
      for (const Due& due : kept) add(due);  // where they had room before
    });
    for (bool goesOn = true; goesOn && !heap_.empty() && heap_.front().at <= now;) {
      const Due due = heap_.front();
      const bool isKept = (kept.empty() || kept.back() != due) && isLive(due);
      if (isKept) kept.push_back(due);
      std::pop_heap(heap_.begin(), heap_.end(), std::greater<>());
      heap_.pop_back();
      if (isKept && due > after) goesOn = visit(due);
    }
  }

  const std::vector<Due>& all() const { return heap_; }  // in no order
  void reserve(std::size_t more) { heap_.reserve(heap_.size() + more); }
  void clear() { heap_.clear(); }

 private:
  static constexpr std::size_t kSpare = 64;

  std::vector<Due> heap_;
};

}  // namespace hexpage
