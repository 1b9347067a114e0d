#include "filesystem/journal_tail.hpp"

#include <cerrno>
#include <utility>

#include "filesystem/beneath.hpp"

namespace hexpage {

std::optional<JournalTail> JournalTail::open(int directory, const std::string& file,
                                             std::uint64_t identity,
                                             std::optional<std::uint64_t> from) {
  Fd fd = openBeneath(directory, file, O_RDONLY | O_NONBLOCK);
  if (!fd && errno == ENOENT) return std::nullopt;
  if (!fd) throwSystem("open", file);
  return JournalTail(std::move(fd), file, identity, from);
}

JournalTail::JournalTail(Fd fd, std::string file, std::uint64_t identity,
                         std::optional<std::uint64_t> from)
    : fd_(std::move(fd)), file_(std::move(file)), identity_(identity), from_(from) {}

// A generation that ended is read to its end first, as far as nothing has been written over it.
bool JournalTail::read(
    const std::function<void(Journal::Kind kind, std::string_view body)>& visit) {
  bool isWhole = true;
  do {
    if (!reader_) continue;
    reader_->refresh();
    while (const auto read = reader_->next())
      visit(static_cast<Journal::Kind>(read->header.kind), read->body);
  } while (followRestart(isWhole));
  return isWhole;
}

// The frames of a generation begin at the position where those of the one before ended. False when
// there is no newer one.
bool JournalTail::followRestart(bool& isWhole) {
  const auto header = readJournalHeader(fd_.get(), file_, identity_);
  if (!header || header->generation == generation_) return false;
  if (reader_) from_ = reader_->end();
  if (from_ && from_ != header->base) isWhole = false;
  generation_ = header->generation;
  reader_.emplace(fd_.get(), file_, identity_, *header);
  return true;
}

}  // namespace hexpage
