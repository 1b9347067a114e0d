#include "filesystem/journal_tail.hpp"

#include <cerrno>
#include <utility>

#include "support/own_file.hpp"

namespace hexpage {

std::optional<JournalTail> JournalTail::open(int directory, const std::string& file,
                                             std::uint64_t identity,
                                             std::optional<std::uint64_t> from) {
  auto open = openFile(directory, file, O_RDONLY, file);
  if (!open) return std::nullopt;
  return JournalTail(std::move(open->fd), file, identity, from);
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
