// What recovery has to know of one process's journal.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "filesystem/flush_frame.hpp"
#include "filesystem/journal_pair.hpp"

namespace hexpage {

struct JournalContent {
  struct Flush {
    std::uint64_t stamp = 0;
    std::vector<Covered> covered;
    const JournalPair* journal = nullptr;
    JournalPair::Frame frame;  // without its body
    bool isPlaced = false;

    // Read from the journal, which is still there. Throws as decodeFlush() and bodyOf().
    std::vector<RecordWrite> writes() const;
  };
  struct LoggedBatch {
    LogPosition end;
    std::string batch;
  };

  std::vector<Flush> flushes;        // in the order of the journal, which is that of their stamps
  std::vector<LoggedBatch> batches;  // that no flush of this journal covers, and nobody else is
                                     // said here to have taken over
  std::uint64_t bytes = 0;           // of all frames

  bool isInOrder() const { return batches.empty() && (flushes.empty() || flushes.back().isPlaced); }
  std::uint64_t highestStamp() const { return flushes.empty() ? 0 : flushes.back().stamp; }
  // Forgets the batches up to the position, of its turn and of those before.
  void dropBatches(LogPosition upTo);
  // Somebody else has taken over what it has of the position's turn, up to there: those batches are
  // done, and those flushes in place.
  void noteTakenOver(LogPosition upTo);
};

// Reads the pair's frames, which may then be appended to.
JournalContent readJournal(JournalPair& journal);

}  // namespace hexpage
