// The journal that a process has left, in the hands of who takes it over.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "filesystem/checkpoint.hpp"
#include "filesystem/flush_frame.hpp"
#include "filesystem/journal_content.hpp"
#include "filesystem/journal_pair.hpp"

namespace hexpage {

class DeadJournal {
 public:
  // Reads it. `place` is that of its process.
  DeadJournal(std::uint32_t place, std::unique_ptr<JournalPair> journal);

  std::uint32_t place() const { return place_; }
  LogPosition end() const { return journal_->end(); }
  // As it was when it was read.
  JournalContent& content() { return content_; }
  const JournalContent& content() const { return content_; }

  // All of it that there is now, as a flush says that takes it over.
  std::vector<Covered> all() const;
  // Whether the last flush of another journal says so of all of this one.
  bool isTakenOverBy(const JournalContent& other) const;

  void sync() { journal_->sync(journal_->end()); }
  // Appends that its last flush is in place.
  void notePlaced();
  // Gives up all frames, and nearly all of the room.
  void giveUp();
  // Appends that another process has done what was left, and makes it durable.
  void noteTakenOver(Checkpoint& checkpoint);

 private:
  const std::uint32_t place_;
  std::unique_ptr<JournalPair> journal_;
  JournalContent content_;
};

}  // namespace hexpage
