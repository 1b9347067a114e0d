#include "filesystem/journal.hpp"

#include <limits.h>
#include <stdio.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <hexpage/error.hpp>
#include <limits>
#include <random>
#include <system_error>
#include <utility>
#include <vector>

#include "filesystem/disk_room.hpp"
#include "filesystem/journal_reader.hpp"
#include "support/checksum.hpp"

#include "support/beneath.hpp"
#include "support/uninterrupted.hpp"

namespace hexpage {
namespace {

// The file grows in steps of zeros that an fdatasync takes along, so that the next ones have no
// growth of the file to record.
constexpr std::uint64_t kFirstStep = std::uint64_t{256} << 10;
constexpr std::uint64_t kLargestStep = std::uint64_t{4} << 20;
constexpr std::uint64_t kLeastStep = std::uint64_t{16} << 10;
constexpr std::uint64_t kShareAhead = 32;  // of what is free
// Of frames that go through mapped memory; from there on a system call costs less than the pages.
constexpr std::size_t kMappedBytes = 32 << 10;

std::uint32_t randomBits() {
  thread_local std::random_device device;
  return device();
}

// Later than the one before, and one that no other restart of this file has chosen or will choose,
// even one that a power failure undid. Odd and even ones alternate, and with them the slots.
std::uint64_t generationAfter(std::uint64_t generation) { return generation + (randomBits() | 1); }

std::uint64_t slotOffset(std::uint64_t generation) { return generation % 2 * kSlotDistance; }

// Writes all of it, from `offset` on. False with errno when the system refuses.
bool writeAt(int fd, std::uint64_t offset, std::span<iovec> pieces) {
  while (!pieces.empty()) {
    const int count = static_cast<int>(std::min<std::size_t>(pieces.size(), IOV_MAX));
    ssize_t n = uninterrupted(
        [&] { return ::pwritev(fd, pieces.data(), count, static_cast<off_t>(offset)); });
    if (n < 0) return false;
    offset += static_cast<std::uint64_t>(n);
    while (!pieces.empty() && static_cast<std::size_t>(n) >= pieces[0].iov_len) {
      n -= static_cast<ssize_t>(pieces[0].iov_len);
      pieces = pieces.subspan(1);
    }
    if (n == 0) continue;
    pieces[0].iov_base = static_cast<char*>(pieces[0].iov_base) + n;
    pieces[0].iov_len -= static_cast<std::size_t>(n);
  }
  return true;
}

iovec piece(std::string_view bytes) {
  return {const_cast<char*>(bytes.data()), bytes.size()};  // pwritev only reads it
}

bool writeAt(int fd, std::uint64_t offset, std::string_view bytes) {
  iovec one = piece(bytes);
  return writeAt(fd, offset, {&one, 1});
}

bool writeZeros(int fd, std::uint64_t from, std::uint64_t to) {
  static constexpr std::array<char, 64 << 10> kZeros{};
  while (from < to) {
    const std::uint64_t size = std::min<std::uint64_t>(to - from, kZeros.size());
    if (!writeAt(fd, from, std::string_view(kZeros.data(), size))) return false;
    from += size;
  }
  return true;
}

std::optional<OpenFile> openJournal(int directory, const std::string& file, JournalAccess access) {
  return openFile(directory, file, access == JournalAccess::Read ? O_RDONLY : O_RDWR, file);
}

}  // namespace

Journal::Journal(int directory, std::string file, std::uint64_t identity, JournalAccess access,
                 mode_t mode)
    : file_(std::move(file)), identity_(identity), isMapped_(access == JournalAccess::WriteMapped) {
  auto open = openJournal(directory, file_, access);
  if (!open && access != JournalAccess::Read) {
    create(directory, mode);
    open = openJournal(directory, file_, access);
  }
  if (!open) throwSystem("open", file_);
  fd_ = std::move(open->fd);
  filled_ = static_cast<std::uint64_t>(open->status.st_size);
}

// Whole and synced before it gets its name: a journal without a header is a damaged one.
void Journal::create(int directory, mode_t mode) {
  const std::string next = file_ + ".new";
  const Fd fd = makeAnew(directory, next, mode, next);
  const std::string slot = JournalHeader{kJournalFormat, generationAfter(0), 0}.slot(identity_);
  if (!writeAt(fd.get(), 0, slot) || !writeAt(fd.get(), kSlotDistance, slot) ||
      !writeZeros(fd.get(), kFramesOffset, kFramesOffset + kFirstStep))
    throwSystem("write", next);
  if (syncData(fd.get()) != 0) throwSystem("sync", next);
  if (::renameat2(directory, next.c_str(), directory, file_.c_str(), RENAME_NOREPLACE) != 0)
    throwSystem("rename", next);
  syncFolder(directory, parentOf(file_));
}

std::optional<std::string> Journal::firstOf(Kind kind) const {
  JournalReader reader(fd_.get(), file_, identity_, readHeader());
  const auto read = reader.next();
  if (!read || read->header.kind != static_cast<std::uint8_t>(kind)) return std::nullopt;
  return std::string(read->body);
}

void Journal::scan(const std::function<void(const Frame&)>& visit) {
  header_ = readHeader();
  JournalReader reader(fd_.get(), file_, identity_, header_);
  while (const auto read = reader.next()) {
    if (read->header.kind < 1 || read->header.kind > static_cast<std::uint8_t>(Kind::Begin))
      throw Error(Code::Corrupt, file_ + ": a frame of the unknown kind " +
                                     std::to_string(read->header.kind) + " at position " +
                                     std::to_string(read->begin));
    visit({static_cast<Kind>(read->header.kind), read->begin, read->end, read->body,
           read->bodyChecksum});
  }
  end_ = reader.end();
  checkNoted();
  previous_ = reader.lastChecksum();
  syncing_.setSynced(header_.base);  // what of it is on disk is not known
  // A frame that was torn must not validate the ones behind it when the same is appended again.
  session_ = randomBits() >> 8;
  // Whoever restarted may have died before the header was on disk.
  isHeaderDurable_ = end_ > header_.base;
}

std::string Journal::bodyOf(std::uint64_t begin, std::uint64_t end,
                            std::uint64_t bodyChecksum) const {
  const std::uint64_t size = end - begin - kFrameHeaderBytes;
  std::string body = readAt(fd_.get(), offsetOf(begin) + kFrameHeaderBytes, size, file_);
  if (body.size() != size || checksum(body) != bodyChecksum)
    throw Error(Code::Corrupt, file_ + ": the frame at position " + std::to_string(begin) +
                                   " has changed since it was read");
  return body;
}

JournalHeader Journal::readHeader() const {
  const auto newest = readJournalHeader(fd_.get(), file_, identity_);
  if (!newest)
    throw Error(Code::Corrupt, file_ +
                                   ": no whole journal header of this store is in it; what it "
                                   "holds can not be told. Put the file of a backup there, or "
                                   "move it away to do without its commits");
  return *newest;
}

void Journal::checkNoted() const {
  const std::string bytes = readAt(fd_.get(), kNoteOffset, kNoteBytes, file_);
  const auto noted = parseNote(bytes, identity_ ^ header_.generation);
  if (noted && *noted > end_)
    throw Error(Code::Corrupt,
                file_ + ": damaged at position " + std::to_string(end_) +
                    "; its frames were whole up to " + std::to_string(*noted) +
                    ". Put the file of a backup there, or move it away to do without "
                    "the commits that it holds");
}

void Journal::noteSynced() noexcept {
  try {
    const Lock lock(mutex_);
    const std::uint64_t synced = syncing_.synced();
    if (failure_.empty() && synced > header_.base)
      writeAt(fd_.get(), kNoteOffset, noteOf(synced, identity_ ^ header_.generation));
  } catch (const std::exception&) {
  }
}

std::uint64_t Journal::append(Kind kind, std::span<const std::string_view> parts) {
  std::uint64_t length = 0;
  for (const std::string_view part : parts) length += part.size();
  if (length > std::numeric_limits<std::uint32_t>::max())
    throw Error(Code::InvalidArgument,
                file_ + ": a frame of " + std::to_string(length) + " bytes; the limit is 4 GiB");
  const std::uint64_t bodyChecksum = checksum(parts);
  const Lock lock(mutex_);
  refuseIfFailed();
  makeHeaderDurable();
  FrameHeader header{static_cast<std::uint32_t>(length), static_cast<std::uint8_t>(kind), session_};
  header.checksum =
      FramePlace{previous_, end_, identity_, header_.generation}.checksum(header, bodyChecksum);
  writeFrame(header, parts);
  end_ += kFrameHeaderBytes + length;
  previous_ = header.checksum;
  fillAhead();
  return end_;
}

void Journal::writeFrame(const FrameHeader& header, std::span<const std::string_view> parts) {
  const auto bytes = header.bytes();
  const std::string_view head(bytes.data(), bytes.size());
  const std::uint64_t offset = offsetOf(end_);
  const std::uint64_t end = offset + head.size() + header.length;
  const bool isMapped = isMapped_ && end - offset <= kMappedBytes && end <= filled_;
  if (isMapped && window_.write(offset, filled_, head, parts)) return;
  std::vector<iovec> pieces;
  pieces.reserve(parts.size() + 1);
  pieces.push_back(piece(head));
  for (const std::string_view part : parts) pieces.push_back(piece(part));
  if (writeAt(fd_.get(), offset, pieces)) return;
  const int error = errno;
  if (cutOff(offset))
    filled_ = offset;
  else
    failure_ = "a frame that was written in part could not be taken back";
  errno = error;
  throwSystem("append to", file_);
}

bool Journal::cutOff(std::uint64_t size) {
  window_.close();
  return uninterrupted([&] { return ::ftruncate(fd_.get(), static_cast<off_t>(size)); }) == 0;
}

// Where there is no space for zeros the next frame may still fit.
void Journal::fillAhead() {
  const std::uint64_t used = offsetOf(end_);
  if (used <= filled_) return;
  const std::uint64_t step = std::min(std::clamp(filled_ - kFramesOffset, kFirstStep, kLargestStep),
                                      freeBytes(fd_.get()) / kShareAhead);
  filled_ = used;
  if (step < kLeastStep) return;
  if (writeZeros(fd_.get(), used, used + step))
    filled_ += step;
  else if (!cutOff(used))
    filled_ = used;  // some zeros stay behind the frames, as good as none
}

void Journal::sync(std::uint64_t position) {
  Lock lock(mutex_);
  const auto end = [this] {
    // Not ReadOnly: the frame is there, and may be found or not.
    if (!failure_.empty()) throw Error(Code::Io, file_ + ": " + failure_);
    return end_;
  };
  syncing_.await(lock, std::min(position, end_), end, [this](Lock& held) { syncOnce(held); });
}

// Whatever is appended while the fdatasync runs may miss it.
void Journal::syncOnce(Lock& lock) {
  lock.unlock();
  const int result = syncData(fd_.get());
  const int error = errno;
  lock.lock();
  ++syncs_;
  errno = error;
  if (result != 0) fail("sync");
  isHeaderDurable_ = true;
}

void Journal::restart(std::uint64_t keptBytes) {
  Lock lock(mutex_);
  syncing_.awaitEnd(lock);
  refuseIfFailed();
  const JournalHeader next{kJournalFormat, generationAfter(header_.generation), end_};
  const std::string slot = next.slot(identity_);
  // The other slot keeps the generation of now until this one is on disk. Only then may frames be
  // overwritten or cut off: a part of them would be worse than all.
  if (!writeAt(fd_.get(), slotOffset(next.generation), slot)) fail("write");
  if (syncData(fd_.get()) != 0) fail("sync");
  header_ = next;
  syncing_.setSynced(end_);
  previous_ = 0;
  isHeaderDurable_ = true;
  // A second copy against damage. Without it the journal is as good.
  (void)writeAt(fd_.get(), slotOffset(next.generation + 1), slot);
  const std::uint64_t kept =
      std::clamp(keptBytes, kFramesOffset + kFirstStep, Journal::kMostKeptBytes);
  if (filled_ > kept && cutOff(kept)) filled_ = kept;
}

// No frame goes over those of an older generation while a crash could bring that one back.
void Journal::makeHeaderDurable() {
  if (isHeaderDurable_) return;
  if (syncData(fd_.get()) != 0) fail("sync");
  isHeaderDurable_ = true;
}

void Journal::refuseIfFailed() const {
  if (!failure_.empty())
    throw Error(Code::ReadOnly, file_ + ": " + failure_ + "; open the store anew");
}

void Journal::fail(const std::string& what) {
  const int error = errno;
  failure_ = "an earlier " + what + " failed (" + std::generic_category().message(error) +
             "), so what is on disk is not known";
  dirtyAgain();
  // Whatever errno is, for want of room too: this is no failure without effect.
  throw Error(Code::Io, what + " " + file_ + ": " + reasonOf(error), error);
}

// After a failed sync the system may take the pages for written, and an fdatasync of whoever opens
// the file next would be believed for nothing. So they are written again, and left to that one.
void Journal::dirtyAgain() {
  constexpr std::uint64_t kPiece = 64 << 10;
  for (std::uint64_t offset = 0; offset < filled_; offset += kPiece) try {
      if (!writeAt(fd_.get(), offset,
                   readAt(fd_.get(), offset, std::min(kPiece, filled_ - offset), file_)))
        return;
    } catch (const Error&) {  // the first failure is the one to tell
      return;
    }
}

std::uint64_t Journal::offsetOf(std::uint64_t position) const {
  return kFramesOffset + (position - header_.base);
}

std::uint64_t Journal::end() const {
  const Lock lock(mutex_);
  return end_;
}

std::uint64_t Journal::syncedEnd() const { return syncing_.synced(); }

std::optional<std::uint64_t> Journal::syncedFrames() const {
  const Lock lock(mutex_);
  const std::uint64_t synced = syncing_.synced();
  return synced > header_.base ? std::optional(synced) : std::nullopt;
}

std::uint64_t Journal::syncs() const {
  const Lock lock(mutex_);
  return syncs_;
}

std::uint64_t Journal::generation() const {
  const Lock lock(mutex_);
  return header_.generation;
}

std::uint64_t Journal::size() const {
  const Lock lock(mutex_);
  return end_ - header_.base;
}

}  // namespace hexpage
