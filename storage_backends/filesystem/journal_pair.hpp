// The journal of one process: two files that take turns, so that one can be given up while the
// other goes on. `.hexpage/journals/<place>.0` and `.1`.
//
// A file's turn begins with a frame that has the turn's number, and where the turn before ended. A
// flush that is to end a turn cuts off what is dirty, and from then on batches go to the other
// file; the flush's own frame ends the old one. So the files in the order of their turns are one
// sequence of batches. A number is never used again: it is a random step above the one before, and
// that of a new pair is random.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "filesystem/journal.hpp"
#include "paged/record_store.hpp"

namespace hexpage {

// One of the two files of a place, `half` 0 or 1: its name, and its identity in the store.
std::string journalFile(std::uint32_t place, std::uint32_t half);
std::uint64_t journalIdentity(std::uint64_t store, std::uint32_t place, std::uint32_t half);

class JournalPair {
 public:
  // `place` of the process; `store` identifies the store.
  // `noted`: how far it was on disk, as far as anybody knows.
  JournalPair(int directory, std::uint32_t place, std::uint64_t store,
              std::optional<LogPosition> noted = std::nullopt,
              JournalAccess access = JournalAccess::Write, mode_t mode = 0600);

  struct Frame {
    Journal::Kind kind;
    LogPosition begin, end;
    std::string_view body;  // valid until the visit returns
    std::uint64_t bodyChecksum;
  };
  // Visits the frames of both files, the earlier turn's first. Throws Corrupt when they end before
  // what was noted. To be called once, before anything below; of that nothing may be called with
  // JournalAccess::Read.
  void scan(const std::function<void(const Frame&)>& visit);
  // The body of a frame that scan() has visited, read again. Throws Corrupt when it has changed.
  std::string bodyOf(const Frame& frame) const;

  // Gives the position after the frame. See Journal for what can fail.
  LogPosition append(Journal::Kind kind, std::span<const std::string_view> parts);
  LogPosition append(Journal::Kind kind, std::string_view body) { return append(kind, {&body, 1}); }
  // The same to the file of the turn before the current one.
  LogPosition appendToLastTurn(Journal::Kind kind, std::span<const std::string_view> parts);
  LogPosition end() const;
  // The ends of the turns whose frames are kept.
  std::vector<LogPosition> ends() const;
  // On return everything up to the position is on disk.
  void sync(LogPosition position);

  // Notes in its files how far the journal is on disk (see Journal), and gives it; nullopt when
  // that is not known.
  std::optional<LogPosition> noteSynced() noexcept;

  // Bytes in the current turn.
  std::uint64_t size() const;
  // Whether there was a turn before whose frames are not given up.
  bool keepsLastTurn() const;
  void giveUpLastTurn(std::uint64_t keptBytes = Journal::kMostKeptBytes);
  // Appends go to the other file from here on. The turn before the current one is given up.
  void beginTurn();

 private:
  Journal& of(std::uint64_t turn) { return *files_[turn % 2]; }
  const Journal& of(std::uint64_t turn) const { return *files_[turn % 2]; }

  void scan(std::size_t half, std::uint64_t turn, const std::function<void(const Frame&)>& visit);
  void checkNoted() const;

  const std::string folderAndPlace_;
  const std::optional<LogPosition> noted_;
  const JournalAccess access_;
  std::array<std::unique_ptr<Journal>, 2> files_;  // null: missing, where it is only read
  std::atomic<std::uint64_t> turn_{0};             // that appends go to
  std::atomic<std::uint64_t> lastTurn_{0};         // in the other file; 0: given up
};

}  // namespace hexpage
