#include "support/thread_number.hpp"

#include <atomic>
#include <bit>
#include <cstdint>

namespace hexpage::thread_number {
namespace {

std::atomic<std::uint32_t> taken{0};  // a bit for each number

std::size_t lowestFree() noexcept {
  std::uint32_t seen = taken.load();
  for (;;) {
    const auto number = static_cast<std::size_t>(std::countr_one(seen));
    if (number >= kSharedNumber) return kSharedNumber;
    if (taken.compare_exchange_weak(seen, seen | std::uint32_t{1} << number)) return number;
  }
}

// What still runs when the thread ends has the common number.
struct GiveBack {
  ~GiveBack() {
    const std::size_t number = ofThread;
    ofThread = kSharedNumber;
    if (number < kSharedNumber) taken.fetch_and(~(std::uint32_t{1} << number));
  }
};

}  // namespace

std::size_t take() noexcept {
  thread_local GiveBack whenItEnds;
  static_cast<void>(&whenItEnds);
  return ofThread = lowestFree();
}

}  // namespace hexpage::thread_number
