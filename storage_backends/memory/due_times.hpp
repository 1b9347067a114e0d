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
  void tidy(std::size_t items, IsLive isLive) {
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
    for (bool goesOn = true; goesOn && !heap_.empty() && heap_.front().at <= now;) {
      std::pop_heap(heap_.begin(), heap_.end(), std::greater<>());
      const Due due = heap_.back();
      heap_.pop_back();
      if ((!kept.empty() && kept.back() == due) || !isLive(due)) continue;
      kept.push_back(due);
      if (due > after) goesOn = visit(due);
    }
    for (const Due& due : kept) add(due);
  }

  void clear() { heap_.clear(); }

 private:
  static constexpr std::size_t kSpare = 64;

  std::vector<Due> heap_;
};

}  // namespace hexpage
