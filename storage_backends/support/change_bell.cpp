#include "support/change_bell.hpp"

#include "support/at_end.hpp"
#include "support/futex.hpp"

namespace hexpage {

void ChangeBell::beginFollowing() {
  const std::lock_guard guard(mutex_);
  ++following_;
  members_.state().header().followers |= members_.selfBit();
}

void ChangeBell::endFollowing() {
  const std::lock_guard guard(mutex_);
  if (--following_ == 0) members_.state().header().followers &= ~members_.selfBit();
}

bool ChangeBell::isFollowed() const { return members_.state().header().followers != 0; }

// Who falls asleep says so before it looks for the last time: with the fence either it sees the
// change or its word is seen here.
void ChangeBell::ring() {
  SharedHeader& shared = members_.state().header();
  if (shared.followers.load(std::memory_order_relaxed) == 0) return;
  std::atomic_thread_fence(std::memory_order_seq_cst);
  if (shared.sleepers.load(std::memory_order_relaxed) != 0) wakeAll(shared.bell);
}

bool ChangeBell::await(const std::function<bool()>& look, Millis timeout) {
  SharedHeader& shared = members_.state().header();
  const std::uint64_t self = members_.selfBit();
  {
    const std::lock_guard guard(mutex_);
    ++sleeping_;
    shared.sleepers |= self;
  }
  const AtEnd awake([&] {
    const std::lock_guard guard(mutex_);
    if (--sleeping_ == 0) shared.sleepers &= ~self;
  });
  const std::uint32_t seen = shared.bell;
  if (look()) return true;
  sleepOn(shared.bell, seen, timeout);
  return look();
}

}  // namespace hexpage
