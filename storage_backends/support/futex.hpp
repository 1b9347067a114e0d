// Sleeping on a word of memory that processes share, until somebody wakes who sleeps on it.
#pragma once

#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <climits>
#include <cstdint>

namespace hexpage {

// Sleeps while the word has this value, at most `timeout`. False when the time is up; may wake
// early for no reason.
inline bool sleepOn(std::atomic<std::uint32_t>& word, std::uint32_t value,
                    std::chrono::nanoseconds timeout) {
  if (timeout <= std::chrono::nanoseconds::zero()) return false;
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(timeout);
  const timespec limit{static_cast<time_t>(seconds.count()),
                       static_cast<long>((timeout - seconds).count())};
  const long result = ::syscall(SYS_futex, &word, FUTEX_WAIT, value, &limit, nullptr, 0);
  return result == 0 || errno != ETIMEDOUT;
}

// Changes the word and wakes all who sleep on it.
inline void wakeAll(std::atomic<std::uint32_t>& word) noexcept {
  word.fetch_add(1);
  ::syscall(SYS_futex, &word, FUTEX_WAKE, INT_MAX, nullptr, nullptr, 0);
}

// Leaves the word as it is.
inline void wakeEach(std::atomic<std::uint32_t>& word) noexcept {
  ::syscall(SYS_futex, &word, FUTEX_WAKE, INT_MAX, nullptr, nullptr, 0);
}

}  // namespace hexpage
