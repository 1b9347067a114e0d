// What processes that were killed have not brought into their files, and under which slots they
// changed it: so that each of them can be recovered by itself, once somebody wants what it had.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string_view>
#include <vector>

#include "filesystem/journal_pair.hpp"
#include "filesystem/recovery_plan.hpp"
#include "support/leases.hpp"

namespace hexpage {

// What one journal tells of that.
struct LeftChanges {
  // How it is told which slots a process holds exclusively while it changes something.
  struct Slots {
    std::function<std::uint32_t(std::string_view path)> ofHash;
    std::uint32_t ofStructure;  // which hashes and records there are
  };

  // Among `slots`: a hash was being built, which is to be removed with its files once it is there.
  static constexpr std::uint32_t kHidden = std::numeric_limits<std::uint32_t>::max();

  std::set<std::uint32_t> slots;    // of batches that are in no flush which was placed
  std::uint64_t highestStamp = 0;   // of its flushes
  std::uint64_t stampInFlight = 0;  // of the one that was not placed; 0: none
  bool isOfItsBatches = true;       // what was not placed is no more than its batches tell
  std::vector<Covered> takenOver;   // by its flushes, from others
  std::set<std::uint64_t> turns;    // that it has frames of
  std::uint64_t bytes = 0;          // of its frames

  bool isInOrder() const { return slots.empty() && stampInFlight == 0; }
};

// Throws Corrupt as the journal and decodeBatch() do.
LeftChanges readLeftChanges(JournalPair& journal, const LeftChanges::Slots& slots);

// Of all journals of a store that nobody has open.
class LeftByAll {
 public:
  using OpenJournal = std::function<std::unique_ptr<JournalPair>(std::uint32_t place)>;

  LeftByAll(int directory, const OpenJournal& openJournal, const LeftChanges::Slots& slots);

  bool isInOrder() const;
  bool isInOrder(std::uint32_t place) const;
  std::uint64_t highestStamp() const;
  // Which journals are in order, and longer than that; but for one.
  std::set<std::uint32_t> doneAbove(std::uint64_t bytes, std::uint32_t except) const;
  // Of those that are not.
  std::set<std::uint32_t> left() const;
  // A place for who opens the store: whose journal is in order, or that has none. nullopt when
  // there is no such place.
  std::optional<std::uint32_t> placeInOrder() const;

  // Whether each can be recovered by itself, in any order. Not so when two have changed the same,
  // when one has taken over another and died before that was said there, or was building a hash.
  bool isApart() const;
  // Tells the leases, which nobody uses yet, who has died and left what.
  void leaveTo(Leases& leases) const;

 private:
  bool isTakenOverInPart() const;

  std::map<std::uint32_t, LeftChanges> journals_;  // by place
};

}  // namespace hexpage
