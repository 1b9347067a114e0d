// What the processes of a race have done, in memory that they share: numbers from which every
// reader knows what it may see. All are set without a system call, so a SIGKILL finds them true.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

namespace hexpage::torture {

// A register that one writer changes: its versions count up from 1, every fifth is a removal, 0 is
// "never written".
struct Register {
  std::atomic<std::uint32_t> begun{0};
  std::atomic<std::uint32_t> acknowledged{0};

  static bool isAbsent(std::uint32_t version) { return version % 5 == 0; }

  // Whether a reader may find this, who began when `floor` was acknowledged; nullopt-like 0 is
  // absence.
  bool mayBe(std::uint32_t found, std::uint32_t floor) const {
    const std::uint32_t ceiling = begun;
    if (found != 0) return found >= floor && found <= ceiling && !isAbsent(found);
    for (std::uint32_t version = floor; version <= ceiling; ++version)
      if (isAbsent(version)) return true;
    return false;
  }
};

// A counter that all add one to.
struct Counter {
  static constexpr std::size_t kMost = 1 << 20;

  std::atomic<std::uint32_t> begun{0};
  std::atomic<std::uint32_t> acknowledged{0};
  std::atomic<std::uint32_t> floor{0};    // the largest result that was acknowledged
  std::atomic<bool> isTaken[kMost] = {};  // a result that somebody has got

  void raiseFloor(std::uint32_t to) {
    std::uint32_t now = floor;
    while (now < to && !floor.compare_exchange_weak(now, to)) {
    }
  }
};

struct Ledger {
  static constexpr std::size_t kSlots = 16;  // writers: one for each thread of each process
  static constexpr std::size_t kRegisters = 32;
  static constexpr std::size_t kCounters = 3;

  std::atomic<bool> isOver{false};
  std::atomic<std::uint64_t> operations{0};
  std::atomic<std::uint32_t> longestMillis{0};  // that one operation took
  std::atomic<std::uint32_t> lastBatch{0};      // numbers of multi-puts
  Register registers[kSlots][kRegisters];
  Counter counters[kCounters];

  void note(std::uint32_t millis) {
    ++operations;
    std::uint32_t now = longestMillis;
    while (now < millis && !longestMillis.compare_exchange_weak(now, millis)) {
    }
  }
};

}  // namespace hexpage::torture
