#include "filesystem/journal_window.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <cerrno>
#include <hexpage/error.hpp>

namespace hexpage {
namespace {

constexpr std::uint64_t kPageBytes = 4096;
constexpr std::uint64_t kWindowBytes = std::uint64_t{4} << 20;
// Pages that are made together cost a fifth of those that are made one by one.
constexpr std::uint64_t kPopulateStep = 64 << 10;

}  // namespace

bool JournalWindow::write(std::uint64_t offset, std::uint64_t fileEnd, std::string_view head,
                          std::span<const std::string_view> parts) {
  if (!isUsable_) return false;
  std::uint64_t end = offset + head.size();
  for (const std::string_view part : parts) end += part.size();
  const bool isInside = mapping_ && offset >= begin_ && end <= end_;
  if (!isInside && !moveTo(offset, end, fileEnd)) return giveUp();
  if (end > populated_ && !populate(end)) return giveUp();
  char* at = std::copy(head.begin(), head.end(), mapping_->data() + (offset - begin_));
  for (const std::string_view part : parts) at = std::copy(part.begin(), part.end(), at);
  return !mapping_->failed() || giveUp();
}

bool JournalWindow::moveTo(std::uint64_t offset, std::uint64_t end, std::uint64_t fileEnd) {
  close();
  const std::uint64_t begin = offset / kPageBytes * kPageBytes;
  const std::uint64_t windowEnd = std::min(begin + kWindowBytes, fileEnd);
  if (windowEnd < end) return false;
  try {
    mapping_ = std::make_unique<Mapping>(fd_.get(), windowEnd - begin, true, file_, begin);
  } catch (const Error&) {
    return false;
  }
  begin_ = populated_ = begin;
  end_ = windowEnd;
  return true;
}

// Asked for here, for a page that there is no room for would be told by a signal.
bool JournalWindow::populate(std::uint64_t end) {
  const std::uint64_t upTo = std::min(std::max(end, populated_ + kPopulateStep), end_);
  char* const from = mapping_->data() + (populated_ - begin_);
  const std::uint64_t pages = (upTo - populated_ + kPageBytes - 1) / kPageBytes;
  while (::madvise(from, pages * kPageBytes, MADV_POPULATE_WRITE) != 0)
    if (errno != EINTR) {
      if (errno != EINVAL) return false;
      break;  // a system before 5.14 makes them when they are written
    }
  populated_ = std::min(populated_ + pages * kPageBytes, end_);
  return true;
}

bool JournalWindow::giveUp() {
  close();
  isUsable_ = false;
  return false;
}

void JournalWindow::close() { mapping_.reset(); }

}  // namespace hexpage
