#include "binary/reclaimer.hpp"

#include <algorithm>
#include <atomic>
#include <limits>
#include <new>
#include <vector>

namespace hexpage::kv {
namespace {

// One for each thread that ever read and has not ended; never freed, used again.
struct alignas(64) ReaderSlot {
  std::atomic<std::uint64_t> epoch{0};  // 0: not reading
  std::atomic<bool> isTaken{true};
  ReaderSlot* next = nullptr;
};

std::atomic<std::uint64_t> currentEpoch{1};
std::atomic<ReaderSlot*> slots{nullptr};

ReaderSlot* takeSlot() {
  for (ReaderSlot* slot = slots.load(); slot != nullptr; slot = slot->next) {
    bool isTaken = false;
    if (slot->isTaken.compare_exchange_strong(isTaken, true)) return slot;
  }
  auto* const slot = new ReaderSlot;
  slot->next = slots.load();
  while (!slots.compare_exchange_weak(slot->next, slot)) {
  }
  return slot;
}

struct ThreadReader {
  ReaderSlot* slot = takeSlot();
  unsigned depth = 0;

  ~ThreadReader() { slot->isTaken.store(false); }
};

// Known without the check that a thread_local with a destructor costs each time.
constinit thread_local ThreadReader* readerOfThread = nullptr;

ThreadReader& firstThreadReader() {
  thread_local ThreadReader reader;
  readerOfThread = &reader;
  return reader;
}

ThreadReader& threadReader() {
  return readerOfThread != nullptr ? *readerOfThread : firstThreadReader();
}

std::uint64_t oldestReader() {
  std::uint64_t oldest = std::numeric_limits<std::uint64_t>::max();
  for (ReaderSlot* slot = slots.load(); slot != nullptr; slot = slot->next)
    if (const std::uint64_t epoch = slot->epoch.load(); epoch != 0)
      oldest = std::min(oldest, epoch);
  return oldest;
}

}  // namespace

EpochGuard::EpochGuard() {
  ThreadReader& reader = threadReader();
  // An exchange, which no later load goes before.
  if (reader.depth++ == 0) reader.slot->epoch.exchange(currentEpoch.load());
}

EpochGuard::~EpochGuard() {
  ThreadReader& reader = threadReader();
  if (--reader.depth == 0) reader.slot->epoch.store(0, std::memory_order_release);
}

void Reclaimer::freeAll() {
  for (const Retired& retired : retired_) retired.free();
  retired_.clear();
}

void Reclaimer::retire(std::function<void()> free) noexcept {
  const std::scoped_lock lock(mutex_);
  try {
    retired_.push_back({currentEpoch.fetch_add(1), std::move(free)});
  } catch (const std::bad_alloc&) {
    return;  // somebody may still look at it, and nobody will know when not
  }
  waiting_ = retired_.size();
}

void Reclaimer::collect() noexcept {
  if (waiting_.load(std::memory_order_relaxed) == 0) return;
  std::list<Retired> unused;
  {
    const std::scoped_lock lock(mutex_);
    std::uint64_t oldest = oldestReader();
    if (!pins_.empty()) oldest = std::min(oldest, *pins_.begin());
    const auto stays = std::find_if(retired_.begin(), retired_.end(), [&](const Retired& retired) {
      return retired.epoch >= oldest;
    });
    unused.splice(unused.end(), retired_, retired_.begin(), stays);
    waiting_ = retired_.size();
  }
  for (const Retired& retired : unused) retired.free();
}

std::uint64_t Reclaimer::pin() {
  const std::scoped_lock lock(mutex_);
  return *pins_.insert(currentEpoch.load());
}

void Reclaimer::unpin(std::uint64_t epoch) noexcept {
  {
    const std::scoped_lock lock(mutex_);
    pins_.erase(pins_.find(epoch));
  }
  collect();
}

}  // namespace hexpage::kv
