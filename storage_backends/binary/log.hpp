// The log: segments in the order of their numbers. It is the store's truth; the index only says
// where in it a key's value is. Reading is for any thread; the rest is for who holds the writer's
// lane, or opens the store.
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <vector>

#include "binary/address.hpp"
#include "binary/log_room.hpp"
#include "binary/reclaimer.hpp"
#include "binary/record.hpp"
#include "binary/segment.hpp"

namespace hexpage::kv {

struct LogSettings {
  int directory = -1;
  std::string path;  // which messages name it by
  bool isWritable = true;
  mode_t fileMode = 0600;
  bool zeroAhead = false;  // durability "power"
  std::uint64_t segmentBytes = kMaxSegmentBytes;
  std::uint64_t store = 0;  // the rest is for new segments' headers
  std::uint64_t hashSeed = 0;
};

class Log {
 public:
  Log(const LogSettings& settings, Reclaimer& reclaimer);
  ~Log();

  // The segment an address is in. Throws Corrupt when there is none.
  Segment& segmentAt(Address address) const {
    Segment* const segment = (*byResidue_)[residueAt(address)].load(std::memory_order_acquire);
    if (segment == nullptr) throwNoRecord(address);
    return *segment;
  }
  // The record there. Its views hold as long as the caller is in an epoch or has a pin. Throws
  // Corrupt when there is no whole record, Io when it can not be read.
  ParsedRecord record(Address address) const {
    const Segment& segment = segmentAt(address);
    const auto parsed = parseRecord(segment.from(offsetAt(address)));
    segment.requireReadable();
    if (!parsed) throwNoRecord(address);
    return *parsed;
  }
  // Has the memory of a record of the usual size fetched, or of its beginning.
  void prefetch(Address address) const {
    prefetch(address, usualLines.load(std::memory_order_relaxed));
  }
  void prefetch(Address address, unsigned lines) const {
    const Segment* const segment =
        (*byResidue_)[residueAt(address)].load(std::memory_order_acquire);
    if (segment == nullptr) return;
    const char* const at = segment->data() + offsetAt(address);
    for (unsigned line = 0; line < lines; ++line) __builtin_prefetch(at + 64 * line);
  }
  std::atomic<unsigned> usualLines{2};  // of 64 bytes, of a record

  // The segment of this number, or nullptr.
  Segment* find(std::uint64_t number) const;
  // The first segment whose number is higher, or nullptr.
  Segment* after(std::uint64_t number) const;
  // All, ascending. Only their owner may hold the pointers for long.
  std::vector<Segment*> segments() const;
  Segment* last() const { return last_.load(std::memory_order_acquire); }

  // Opens the segment of this number, which another process or an earlier one has made. False: it
  // is not there any more.
  bool open(std::uint64_t number);
  // Begins a segment behind the last one, with room for a frame of this size at least. Throws
  // NoSpace when the disk has none for this use.
  Segment& begin(std::uint64_t frameBytes, Use use);
  // Takes a segment out of the log and off the disk. Who reads in an epoch or has a snapshot from
  // before finds it still.
  void remove(std::uint64_t number);
  // The same, when another process has taken it off the disk.
  void forget(std::uint64_t number);
  // Knows nothing of what is behind the place, of which nobody reads yet.
  void leaveOut(Lsn end);
  // Cuts everything from there on.
  void cut(Lsn end);
  // Throws NoSpace when the disk has no room for this use.
  void append(Segment& segment, std::string_view bytes, Use use) {
    const std::uint64_t missing = segment.missing(bytes.size());
    segment.append(bytes, settings_.zeroAhead, missing == 0 ? 0 : aheadOf(missing, use));
  }
  const LogRoom& room() const { return room_; }

  const LogSettings& settings() const { return settings_; }
  std::atomic<std::uint64_t> lastTree{0};  // the highest id of a tree there ever was

 private:
  void add(std::unique_ptr<Segment> segment);
  void makeRoom();
  void findLast();
  std::uint64_t aheadOf(std::uint64_t missing, Use use) const;
  [[noreturn]] void throwNoRecord(Address address) const;

  LogSettings settings_;
  const LogRoom room_;
  Reclaimer& reclaimer_;
  mutable std::mutex mutex_;        // of the list
  std::vector<Segment*> segments_;  // ascending
  std::atomic<Segment*> last_{nullptr};
  std::unique_ptr<std::array<std::atomic<Segment*>, kMaxSegments>> byResidue_;
};

}  // namespace hexpage::kv
