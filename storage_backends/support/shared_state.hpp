// What the processes that have one store open tell each other: a file that all of them map. Nothing
// here locks anything; it says who wants what, and what must be known of one that died. It is made
// anew by who opens a store that nobody has open, so nothing in it outlives a crash of the machine.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string>

#include "support/siphash.hpp"

namespace hexpage {

constexpr std::uint32_t kPlaces = 64;  // processes; each is a bit of a word
constexpr std::uint32_t kMaxSlots = 4096;

// One process. Whoever has locked the place's byte of the lock file owns it.
struct alignas(64) SharedPlace {
  // Free, or taken by one that lives or has died and is not recovered yet.
  std::atomic<std::uint32_t> isTaken;
  std::atomic<std::uint32_t> bell;   // its service thread sleeps on this
  std::atomic<std::uint32_t> turns;  // its threads that wait for a lock sleep on this
  std::atomic<std::uint32_t> waits;  // how many of them wait for a name
  std::atomic<std::int64_t> process;
  std::atomic<std::uint64_t> inFlight;  // a lower bound of the stamp of its flush; 0: none
  std::atomic<std::uint64_t> takes;     // places that it takes over, or died or failed doing so
  std::array<std::atomic<std::uint64_t>, kMaxSlots / 64> asked;  // slots that it is to give back
  // What it tells who asks, see lease_reports.hpp.
  std::atomic<std::uint32_t> question;  // counts them
  std::atomic<std::uint32_t> answered;  // the last one
  std::atomic<std::uint32_t> reportSize;
  std::array<char, 4096> report;
};

// One slot. A set of places is a word with a bit for each.
struct alignas(64) SharedSlot {
  std::atomic<std::uint64_t> holders;
  std::atomic<std::uint64_t> wantShared;
  std::atomic<std::uint64_t> wantExclusive;
  std::atomic<std::uint64_t> version;   // changes with every exclusive lease
  std::atomic<std::int64_t> turnSince;  // ns of CLOCK_MONOTONIC, which processes share
  std::atomic<std::uint32_t> turn;      // place + 1 of who goes next; 0: not decided
  std::atomic<std::uint32_t> owner;     // place + 1 of who may have changes that are not in place

  std::uint64_t wants() const { return wantShared.load() | wantExclusive.load(); }
};

struct alignas(64) SharedHeader {
  std::array<char, 8> magic;
  std::uint32_t format;
  std::uint32_t slots;
  SipKey nameKey;  // where in the lock file a name lies
  std::atomic<std::uint64_t> stamp;
  std::atomic<std::uint64_t> comings;  // how often a process has taken a place
  // See change_bell.hpp: places that follow the store's changes, those of them that sleep, and what
  // they sleep on.
  std::atomic<std::uint64_t> followers;
  std::atomic<std::uint64_t> sleepers;
  std::atomic<std::uint32_t> bell;
};

static_assert(std::atomic<std::uint64_t>::is_always_lock_free);

constexpr std::uint64_t bitOf(std::uint32_t place) { return std::uint64_t{1} << place; }

// The mapping. It is not there in a forked child.
class SharedState {
 public:
  // Maps the file, see openOrMake(). With `makeAnew`, which only who is alone in the store may ask
  // for, it is emptied first and its room on disk reserved, so that it can always be written to.
  // Throws NoSpace, Io, Corrupt, and InvalidArgument when another version of hexpage, or one with
  // another number of slots, has the store open.
  SharedState(int directory, const std::string& file, mode_t mode, const std::string& path,
              std::uint32_t slots, bool makeAnew);
  ~SharedState();
  SharedState(const SharedState&) = delete;
  SharedState& operator=(const SharedState&) = delete;

  SharedHeader& header() const { return *static_cast<SharedHeader*>(memory_); }
  SharedPlace& place(std::uint32_t place) const { return places_[place]; }
  SharedSlot& slot(std::uint32_t slot) const { return slots_[slot]; }

 private:
  void* memory_ = nullptr;
  std::size_t size_ = 0;
  SharedPlace* places_ = nullptr;
  SharedSlot* slots_ = nullptr;
};

}  // namespace hexpage
