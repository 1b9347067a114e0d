#include "filesystem/dead_journal.hpp"

#include <algorithm>
#include <utility>

namespace hexpage {

DeadJournal::DeadJournal(std::uint32_t place, std::unique_ptr<JournalPair> journal)
    : place_(place), journal_(std::move(journal)), content_(readJournal(*journal_)) {}

std::vector<Covered> DeadJournal::all() const {
  std::vector<Covered> all;
  for (const LogPosition end : journal_->ends()) all.push_back({place_, end.turn, end.offset});
  return all;
}

bool DeadJournal::isTakenOverBy(const JournalContent& other) const {
  if (other.flushes.empty()) return false;
  const std::vector<Covered>& taken = other.flushes.back().covered;
  const std::vector<Covered> mine = all();
  return std::all_of(mine.begin(), mine.end(), [&](const Covered& one) {
    return std::find(taken.begin(), taken.end(), one) != taken.end();
  });
}

void DeadJournal::notePlaced() {
  journal_->append(Journal::Kind::Placed, encodePlaced(content_.highestStamp()));
}

void DeadJournal::giveUp() {
  if (journal_->keepsLastTurn()) journal_->giveUpLastTurn(0);
  journal_->beginTurn();
  journal_->giveUpLastTurn(0);
}

void DeadJournal::noteTakenOver(Checkpoint& checkpoint) {
  journal_->append(Journal::Kind::Covers, encodeCovers(all()));
  sync();
  checkpoint.noteJournal(place_, journal_->end());
}

}  // namespace hexpage
