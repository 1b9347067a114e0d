#include "filesystem/journal_reader.hpp"

#include <algorithm>
#include <hexpage/error.hpp>
#include <utility>

#include "filesystem/posix.hpp"
#include "support/checksum.hpp"

namespace hexpage {
namespace {

constexpr std::uint64_t kWindow = std::uint64_t{1} << 20;
// Where little is to be expected; it doubles for as long as there is more.
constexpr std::uint64_t kFirstWindow = std::uint64_t{4} << 10;

}  // namespace

std::optional<JournalHeader> readJournalHeader(int fd, const std::string& file,
                                               std::uint64_t identity) {
  const std::string area = readAt(fd, 0, kSlotDistance + kSlotBytes, file);
  std::optional<JournalHeader> newest;
  for (const std::uint64_t offset : {std::uint64_t{0}, kSlotDistance}) {
    if (area.size() < offset + kSlotBytes) continue;
    const auto header = JournalHeader::parse(std::string_view(area).substr(offset), identity);
    if (header && (!newest || header->generation > newest->generation)) newest = header;
  }
  if (newest && newest->format != kJournalFormat)
    throw Error(Code::InvalidArgument,
                file + ": journal format " + std::to_string(newest->format) +
                    (newest->format > kJournalFormat ? " is of a newer hexpage"
                                                     : " is of an older hexpage") +
                    "; this one knows format " + std::to_string(kJournalFormat));
  return newest;
}

JournalReader::JournalReader(int fd, std::string file, std::uint64_t identity,
                             const JournalHeader& header)
    : fd_(fd), file_(std::move(file)), base_(header.base), windowSize_(kFirstWindow) {
  readSize();
  place_ = {0, header.base, identity, header.generation};
}

void JournalReader::readSize() {
  struct stat status;
  if (::fstat(fd_, &status) != 0) throwSystem("stat", file_);
  fileSize_ = static_cast<std::uint64_t>(status.st_size);
}

// Does not keep the room of a long frame.
void JournalReader::refresh() {
  window_ = {};
  if (bufferSize_ > kWindow) buffer_.reset();
  if (!buffer_) bufferSize_ = 0;
  windowSize_ = kFirstWindow;
}

std::optional<JournalReader::Read> JournalReader::next() {
  const std::uint64_t offset = kFramesOffset + (place_.position - base_);
  const auto head = bytes(offset, kFrameHeaderBytes);
  if (!head) return std::nullopt;
  const FrameHeader header = FrameHeader::parse(*head);
  const auto body = bytes(offset + kFrameHeaderBytes, header.length);
  if (!body) return std::nullopt;
  const std::uint64_t ofBody = checksum(*body);
  if (header.checksum != place_.checksum(header, ofBody)) return std::nullopt;
  const std::uint64_t begin =
      std::exchange(place_.position, place_.position + kFrameHeaderBytes + header.length);
  place_.previous = header.checksum;
  return Read{header, begin, place_.position, *body, ofBody};
}

// nullopt beyond the end of the file, so that a length that is a lie costs no memory.
std::optional<std::string_view> JournalReader::bytes(std::uint64_t offset, std::uint64_t size) {
  if (!isInFile(offset, size)) readSize();
  if (!isInFile(offset, size)) return std::nullopt;
  if (offset < windowOffset_ || offset + size > windowOffset_ + window_.size()) {
    fill(offset, std::max(size, std::min(windowSize_, fileSize_ - offset)));
    windowSize_ = std::min(2 * windowSize_, kWindow);
  }
  if (offset + size > windowOffset_ + window_.size()) return std::nullopt;  // cut just now
  return window_.substr(offset - windowOffset_, size);
}

void JournalReader::fill(std::uint64_t offset, std::uint64_t size) {
  window_ = {};
  if (size > bufferSize_) {
    bufferSize_ = 0;
    buffer_ = std::make_unique_for_overwrite<char[]>(size);
    bufferSize_ = size;
  }
  window_ = {buffer_.get(), readInto({buffer_.get(), size}, fd_, offset, file_)};
  windowOffset_ = offset;
}

bool JournalReader::isInFile(std::uint64_t offset, std::uint64_t size) const {
  return offset <= fileSize_ && size <= fileSize_ - offset;
}

}  // namespace hexpage
