#include "filesystem/journal_content.hpp"

#include <utility>

#include "filesystem/batch_frame.hpp"
#include "filesystem/flush_frame.hpp"

namespace hexpage {
namespace {

void addFlush(JournalContent& content, const JournalPair& journal, JournalPair::Frame frame) {
  FlushHead head = decodeFlushHead(frame.body);
  content.dropBatches({frame.begin.turn, head.coversUpTo});
  frame.body = {};
  content.flushes.push_back({head.stamp, std::move(head.covered), &journal, frame, false});
}

}  // namespace

std::vector<RecordWrite> JournalContent::Flush::writes() const {
  return decodeFlush(journal->bodyOf(frame)).writes;
}

void JournalContent::dropBatches(LogPosition upTo) {
  std::erase_if(batches, [&](const LoggedBatch& batch) { return batch.end <= upTo; });
}

void JournalContent::noteTakenOver(LogPosition upTo) {
  std::erase_if(batches, [&](const LoggedBatch& batch) {
    return batch.end.turn == upTo.turn && batch.end <= upTo;
  });
  for (Flush& flush : flushes)
    if (flush.frame.begin.turn == upTo.turn && flush.frame.begin < upTo) flush.isPlaced = true;
}

JournalContent readJournal(JournalPair& journal) {
  JournalContent content;
  journal.scan([&](const JournalPair::Frame& frame) {
    content.bytes += frame.end.offset - frame.begin.offset;
    switch (frame.kind) {
      case Journal::Kind::Begin:
        break;
      case Journal::Kind::Batch:
        content.batches.push_back({frame.end, std::string(parseBatchFrame(frame.body).batch)});
        break;
      case Journal::Kind::Flush:
        addFlush(content, journal, frame);
        break;
      case Journal::Kind::Placed:
        if (!content.flushes.empty()) content.flushes.back().isPlaced = true;
        break;
      case Journal::Kind::Covers:  // somebody else has done all that was left
        content.batches.clear();
        if (!content.flushes.empty()) content.flushes.back().isPlaced = true;
        break;
    }
  });
  return content;
}

}  // namespace hexpage
