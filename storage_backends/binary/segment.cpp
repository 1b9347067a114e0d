#include "binary/segment.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <hexpage/error.hpp>

#include "binary/address.hpp"
#include "binary/frame.hpp"
#include "filesystem/folder.hpp"
#include "support/beneath.hpp"
#include "support/byte_order.hpp"
#include "support/checksum.hpp"
#include "support/own_file.hpp"
#include "support/uninterrupted.hpp"

namespace hexpage::kv {
namespace {

constexpr std::string_view kMagic = "HXKVLG";
constexpr std::uint16_t kVersion = 1;
constexpr std::string_view kPrefix = "log.";

constexpr std::size_t kMappedAppend = 32 << 10;  // beyond it a system call is cheaper
constexpr std::uint64_t kReserveStep = 1 << 20;
constexpr std::uint64_t kPopulateStep = 256 << 10;
constexpr std::uint64_t kZeroStep = 4 << 20;
constexpr std::uint64_t kReadAround = 4 << 20;
constexpr unsigned kScattered = 32;  // reads that a segment has before more is read than is asked
constexpr std::size_t kZeroAheadLimit = 64 << 10;  // longer texts gain nothing

std::uint64_t sizeOf(int fd, const std::string& file) {
  struct stat status;
  if (::fstat(fd, &status) != 0) throwSystem("look at", file);
  return static_cast<std::uint64_t>(status.st_size);
}

constexpr std::uint64_t kPages = kMaxSegmentBytes / kCheckedPage;

// The first ones; fewer where the file ends.
std::string bytesOf(int directory, std::uint64_t number, std::size_t bytes) {
  const std::string file = segmentFile(number);
  const auto open = openFile(directory, file, O_RDONLY, file);
  if (!open) throwSystem("open", file);
  return readAt(open->fd.get(), 0, bytes, file);
}

bool isZero(std::string_view bytes) { return bytes.find_first_not_of('\0') == bytes.npos; }

}  // namespace

std::string encodeHeader(const SegmentHeader& header) {
  std::string bytes(kSegmentHeaderBytes, '\0');
  kMagic.copy(bytes.data(), kMagic.size());
  store(bytes.data() + 6, kVersion);
  store(bytes.data() + 8, header.store);
  store(bytes.data() + 16, header.number);
  store(bytes.data() + 24, header.salt);
  store(bytes.data() + 32, header.capacity);
  store(bytes.data() + 40, header.lastTree);
  store(bytes.data() + 48, header.hashSeed);
  store(bytes.data() + 56, checksum(std::string_view(bytes).substr(0, 56)));
  return bytes;
}

SegmentHeader decodeHeader(std::string_view bytes, const std::string& file) {
  if (bytes.size() < kSegmentHeaderBytes || !bytes.starts_with(kMagic))
    throw Error(Code::Corrupt, file + " is no segment of a log");
  const auto version = load<std::uint16_t>(bytes.data() + 6);
  if (version > kVersion)
    throw Error(Code::InvalidArgument, file + " has format " + std::to_string(version) +
                                           ", this program knows up to " +
                                           std::to_string(kVersion) + ": use a newer hexpage");
  if (load<std::uint64_t>(bytes.data() + 56) != checksum(bytes.substr(0, 56)))
    throw Error(Code::Corrupt, file + ": the header's checksum is wrong");
  SegmentHeader header;
  header.store = load<std::uint64_t>(bytes.data() + 8);
  header.number = load<std::uint64_t>(bytes.data() + 16);
  header.salt = load<std::uint64_t>(bytes.data() + 24);
  header.capacity = load<std::uint64_t>(bytes.data() + 32);
  header.lastTree = load<std::uint64_t>(bytes.data() + 40);
  header.hashSeed = load<std::uint64_t>(bytes.data() + 48);
  return header;
}

std::string segmentFile(std::uint64_t number) {
  char name[32];
  std::snprintf(name, sizeof name, "log.%06llu", static_cast<unsigned long long>(number));
  return name;
}

std::vector<std::uint64_t> segmentNumbers(int directory) {
  std::vector<std::uint64_t> numbers;
  for (const auto& [name, isFolder] : entriesOf(directory, "")) {
    if (!name.starts_with(kPrefix)) continue;
    const std::uint64_t number = std::strtoull(name.c_str() + kPrefix.size(), nullptr, 10);
    if (segmentFile(number) == name) numbers.push_back(number);
  }
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

void writeAt(int fd, std::uint64_t offset, std::string_view bytes, const std::string& file) {
  while (!bytes.empty()) {
    const ssize_t wrote = ::pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) throwSystem("write", file);
    bytes.remove_prefix(static_cast<std::size_t>(wrote));
    offset += static_cast<std::uint64_t>(wrote);
  }
}

Segment::Segment(Fd fd, const SegmentHeader& header, std::string file)
    : fd_(std::move(fd)),
      header_(header),
      file_(std::move(file)),
      read_(fd_.get(), header.capacity, false, file_),
      data_(read_.data()) {}

std::unique_ptr<Segment> Segment::create(int directory, const SegmentHeader& header, mode_t mode) {
  const std::string file = segmentFile(header.number);
  Fd fd = openBeneath(directory, file, O_RDWR | O_CREAT | O_EXCL, mode);
  if (!fd) throwSystem("make", file);
  try {
    writeAt(fd.get(), 0, encodeHeader(header), file);
    std::unique_ptr<Segment> segment(new Segment(std::move(fd), header, file));
    segment->setWritten(kSegmentHeaderBytes);
    return segment;
  } catch (...) {
    ::unlinkat(directory, file.c_str(), 0);
    throw;
  }
}

std::unique_ptr<Segment> Segment::open(int directory, std::uint64_t number, bool isWritable) {
  const std::string file = segmentFile(number);
  auto open = openFile(directory, file, isWritable ? O_RDWR : O_RDONLY, file);
  if (!open) return nullptr;
  const SegmentHeader header =
      decodeHeader(readAt(open->fd.get(), 0, kSegmentHeaderBytes, file), file);
  if (header.number != number)
    throw Error(Code::Corrupt, file + " is segment " + std::to_string(header.number) + " renamed");
  std::unique_ptr<Segment> segment(new Segment(std::move(open->fd), header, file));
  segment->setWritten(segment->fileBytes());
  segment->reserved_ = segment->written();
  return segment;
}

bool Segment::isUnborn(int directory, std::uint64_t number) {
  const std::string head = bytesOf(directory, number, kSegmentHeaderBytes);
  return head.size() < kSegmentHeaderBytes || isZero(head);
}

bool Segment::isBlank(int directory, std::uint64_t number) {
  return isZero(bytesOf(directory, number, kMaxSegmentBytes));
}

std::uint64_t Segment::fileBytes() const {
  return std::min(sizeOf(fd_.get(), file_), header_.capacity);
}

void Segment::throwUnreadable() const {
  throw Error(Code::Io, "read " + file_ + ": the system could not read a mapped page");
}

void Segment::readAhead(std::uint64_t begin, std::uint64_t end) const {
  // Only makes it faster.
  ::posix_fadvise(fd_.get(), static_cast<off_t>(begin), static_cast<off_t>(end - begin),
                  POSIX_FADV_WILLNEED);
}

std::uint64_t Segment::readAround(std::uint64_t offset) const {
  if (reads_.fetch_add(1, std::memory_order_relaxed) < kScattered) return 0;
  const std::uint64_t piece = offset / kReadAround, bit = std::uint64_t{1} << piece;
  if ((isAhead_.fetch_or(bit, std::memory_order_relaxed) & bit) != 0) return 0;
  const std::uint64_t end = std::min((piece + 1) * kReadAround, written());
  readAhead(piece * kReadAround, std::min(end + kReadAround, written()));
  return end;
}

std::uint64_t Segment::ahead(bool zeroAhead) { return zeroAhead ? kZeroStep : kReserveStep; }

void Segment::append(std::string_view bytes, bool zeroAhead, std::uint64_t ahead) {
  const std::uint64_t at = written();
  const bool isReserved = !zeroAhead && reserve(at + bytes.size(), ahead);
  if (isReserved && bytes.size() <= kMappedAppend) {
    appendMapped(bytes);
  } else {
    if (zeroAhead && bytes.size() <= kZeroAheadLimit) fillAhead(at + bytes.size(), ahead);
    try {
      writeAt(fd_.get(), at, bytes, file_);
    } catch (...) {
      cut(at);
      throw;
    }
    reserved_ = std::max(reserved_, at + bytes.size());
  }
  setWritten(at + bytes.size());
  noteWritten(at, at + bytes.size());
}

void Segment::noteChecked(std::uint64_t begin, std::uint64_t end) const {
  const bool hasFirst = begin <= kSegmentHeaderBytes;  // the first page has the header, too
  std::uint64_t page = hasFirst ? 0 : (begin + kCheckedPage - 1) / kCheckedPage;
  const bool isAll = end >= written();
  const std::uint64_t pages =
      std::min<std::uint64_t>((end + (isAll ? kCheckedPage - 1 : 0)) / kCheckedPage, kPages);
  for (; page < pages; ++page)
    checked_[page / 64].fetch_or(std::uint64_t{1} << page % 64, std::memory_order_relaxed);
}

void Segment::noteWritten(std::uint64_t begin, std::uint64_t end) {
  if (begin != ownEnd_) ownBegin_ = begin;
  ownEnd_ = end;
  // A page that it was in before is noted already.
  if ((begin - 1) / kCheckedPage == (end - 1) / kCheckedPage && begin != ownBegin_) return;
  noteChecked(std::max(ownBegin_, begin / kCheckedPage * kCheckedPage), end);
}

void Segment::forgetChecked(std::uint64_t from) {
  for (std::uint64_t page = from / kCheckedPage; page < kPages; ++page)
    checked_[page / 64].fetch_and(~(std::uint64_t{1} << page % 64), std::memory_order_relaxed);
}

// Blocks that are there make writing quicker, too. False where the file system can not do it, or
// has no room for it.
bool Segment::reserve(std::uint64_t upTo, std::uint64_t ahead) {
  if (!canReserve_) return false;
  if (upTo > reserved_) {
    const std::uint64_t size = std::min(header_.capacity, upTo + ahead);
    const auto allocate = [&] { return ::fallocate(fd_.get(), 0, 0, static_cast<off_t>(size)); };
    if (uninterrupted(allocate) != 0) {
      if (errno == ENOSPC) return false;  // for so much: these bytes may still fit
      if (errno != EOPNOTSUPP && errno != ENOSYS) throwSystem("reserve room in", file_);
      return canReserve_ = false;
    }
    reserved_ = size;
  }
  return true;
}

// Zeros that are written have the system make the pages together, for a fifth of what it takes to
// make each when it is touched. Only makes it faster, so whether it worked does not matter.
void Segment::populate() {
  static const std::string zeros(kPopulateStep, '\0');
  const std::uint64_t page = 4096, begin = std::max(populated_, written());
  const std::uint64_t first = begin / page * page;
  populated_ = std::min(reserved_, first + kPopulateStep);
  if (::pwrite(fd_.get(), zeros.data(), populated_ - begin, static_cast<off_t>(begin)) > 0)
    ::madvise(write_->data() + first, populated_ - first, MADV_POPULATE_WRITE);
}

void Segment::appendMapped(std::string_view bytes) {
  const std::uint64_t at = written();
  if (!write_) write_ = std::make_unique<Mapping>(fd_.get(), header_.capacity, true, file_);
  if (at + bytes.size() > populated_) populate();
  // The first frame's header comes last: without it nothing was written.
  const std::size_t head = std::min<std::size_t>(bytes.size(), 8);
  std::memcpy(write_->data() + at + head, bytes.data() + head, bytes.size() - head);
  std::atomic_signal_fence(std::memory_order_release);
  std::memcpy(write_->data() + at, bytes.data(), head);
  if (write_->failed()) {
    canReserve_ = false;
    cut(at);
    throw Error(Code::NoSpace, "write " + file_ + ": the system has no room for a mapped page");
  }
}

void Segment::fillAhead(std::uint64_t upTo, std::uint64_t ahead) {
  if (upTo <= reserved_) return;
  const std::uint64_t begin = std::max(reserved_, written());
  const std::uint64_t end = std::min(header_.capacity, upTo + ahead);
  if (begin >= end) return;
  writeAt(fd_.get(), begin, std::string(end - begin, '\0'), file_);
  sync();
  reserved_ = end;
}

void Segment::finish() {
  if (fileBytes() > written()) cut(written());
  write_.reset();
}

void Segment::cut(std::uint64_t bytes) {
  const auto truncate = [&] { return ::ftruncate(fd_.get(), static_cast<off_t>(bytes)); };
  if (uninterrupted(truncate) != 0) throwSystem("cut", file_);
  reserved_ = std::min(reserved_, bytes);
  populated_ = std::min(populated_, bytes);
  forgetChecked(bytes);
  ownEnd_ = 0;
  setWritten(bytes);
}

void Segment::forgetReserve() {
  reserved_ = fileBytes();
  populated_ = 0;
}

void Segment::writeAgain(std::uint64_t offset) {
  constexpr std::size_t kAtOnce = std::size_t{1} << 20;
  for (; offset < written(); offset += kAtOnce) {
    const std::string bytes(from(offset).substr(0, kAtOnce));
    requireReadable();
    writeAt(fd_.get(), offset, bytes, file_);
  }
}

void Segment::sync() {
  if (uninterrupted([&] { return ::fdatasync(fd_.get()); }) != 0) throwSystem("sync", file_);
}

}  // namespace hexpage::kv
