#include "filesystem/journal_reader.hpp"

#include <algorithm>
#include <utility>

#include "filesystem/posix.hpp"
#include "support/checksum.hpp"

namespace hexpage {
namespace {

constexpr std::uint64_t kWindow = std::uint64_t{1} << 20;

}  // namespace

JournalReader::JournalReader(int fd, std::string file, std::uint64_t identity,
                             const JournalHeader& header)
    : fd_(fd), file_(std::move(file)), base_(header.base) {
  struct stat status;
  if (::fstat(fd_, &status) != 0) throwSystem("stat", file_);
  fileSize_ = static_cast<std::uint64_t>(status.st_size);
  place_ = {0, header.base, identity, header.generation};
}

std::optional<JournalReader::Read> JournalReader::next() {
  const std::uint64_t offset = kFramesOffset + (place_.position - base_);
  const auto head = bytes(offset, kFrameHeaderBytes);
  if (!head) return std::nullopt;
  const FrameHeader header = FrameHeader::parse(*head);
  const auto body = bytes(offset + kFrameHeaderBytes, header.length);
  if (!body || header.checksum != place_.checksum(header, checksum(*body))) return std::nullopt;
  const std::uint64_t begin =
      std::exchange(place_.position, place_.position + kFrameHeaderBytes + header.length);
  place_.previous = header.checksum;
  return Read{header, begin, place_.position, *body};
}

// nullopt beyond the end of the file, so that a length that is a lie costs no memory.
std::optional<std::string_view> JournalReader::bytes(std::uint64_t offset, std::uint64_t size) {
  if (offset > fileSize_ || size > fileSize_ - offset) return std::nullopt;
  if (offset < windowOffset_ || offset + size > windowOffset_ + window_.size()) {
    window_ = readAt(fd_, offset, std::max(size, std::min(kWindow, fileSize_ - offset)), file_);
    windowOffset_ = offset;
  }
  if (offset + size > windowOffset_ + window_.size()) return std::nullopt;  // cut just now
  return std::string_view(window_).substr(offset - windowOffset_, size);
}

}  // namespace hexpage
