// Which byte of a store's lock file is which lock.
#pragma once

#include <cstdint>

namespace hexpage::lockbytes {

constexpr std::uint64_t kOpen = 0;  // shared by all that have the store open
constexpr std::uint64_t kGate = 1;  // of who opens it, until it is recovered

constexpr std::uint64_t kReports = 2;   // of who asks all others for a report
constexpr std::uint64_t kReaders = 3;   // shared by who reads a store that nobody has open
constexpr std::uint64_t kRecovery = 4;  // of who recovers a process that died

constexpr std::uint64_t place(std::uint32_t place) { return 64 + place; }  // its process lives
constexpr std::uint64_t slot(std::uint32_t slot) { return 4096 + slot; }

// Names have 61 bits each: the lock itself, and the gate that who waits for it stands in.
constexpr std::uint64_t kNameBits = 61;
constexpr std::uint64_t name(std::uint64_t hash) {
  return (std::uint64_t{1} << 62) | (hash >> (64 - kNameBits));
}
constexpr std::uint64_t nameGate(std::uint64_t name) { return name | (std::uint64_t{1} << 61); }

}  // namespace hexpage::lockbytes
