// One file of the log, `log.000001`: a header, then frames without gaps, then zeros or nothing.
// Written at its end only. Read through a mapping, by any number of threads, up to written().
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "binary/address.hpp"
#include "filesystem/posix.hpp"
#include "support/mapping.hpp"

namespace hexpage::kv {

inline constexpr std::size_t kSegmentHeaderBytes = 64;
inline constexpr std::size_t kCheckedPage = 4096;  // reads remember by such pages what they checked

struct SegmentHeader {
  std::uint64_t store = 0;     // random, the same in all files of a store
  std::uint64_t number = 0;    // later segments have higher ones
  std::uint64_t salt = 0;      // random, for the checksums of this segment's frames
  std::uint64_t capacity = 0;  // the most bytes the file may have
  std::uint64_t lastTree = 0;  // no tree before this segment had a higher id
  std::uint64_t hashSeed = 0;  // of the store's index
};

std::string encodeHeader(const SegmentHeader& header);
// Throws Corrupt, or InvalidArgument for a format that is newer than this program.
SegmentHeader decodeHeader(std::string_view bytes, const std::string& file);

std::string segmentFile(std::uint64_t number);
// The numbers of the segments in the directory, ascending.
std::vector<std::uint64_t> segmentNumbers(int directory);

class Segment {
 public:
  static std::unique_ptr<Segment> create(int directory, const SegmentHeader& header, mode_t mode);
  // written() is the file's size until setWritten() says otherwise. nullptr when there is no such
  // file.
  static std::unique_ptr<Segment> open(int directory, std::uint64_t number, bool isWritable);
  // Whether a crash kept the segment's header from coming to be.
  static bool isUnborn(int directory, std::uint64_t number);
  // Whether there is nothing in it at all.
  static bool isBlank(int directory, std::uint64_t number);

  const SegmentHeader& header() const { return header_; }
  std::uint64_t number() const { return header_.number; }
  const std::string& file() const { return file_; }

  // The bytes from the offset on, up to what is written.
  std::string_view from(std::uint64_t offset) const {
    const std::uint64_t end = written();
    return offset < end ? std::string_view(data_ + offset, end - offset) : std::string_view();
  }
  const char* data() const { return data_; }
  // Has the system read these bytes, if they are not in memory, while others are looked at.
  void readAhead(std::uint64_t begin, std::uint64_t end) const;
  bool isReadable() const { return !read_.failed(); }  // all that was looked at so far
  // Tells that a read comes to a page that is not known to have been looked at. Once there were
  // some, each has a piece around it read ahead, once: others will come there, too. The end of that
  // piece, or 0.
  std::uint64_t readAround(std::uint64_t offset) const;
  // Throws Io when the system could not read what was looked at.
  void requireReadable() const {
    if (!isReadable()) throwUnreadable();
  }

  // Whether the frames of all records that begin in the page around the offset were found whole, or
  // were written here.
  bool isChecked(std::uint64_t offset) const {
    const std::uint64_t page = offset / kCheckedPage;
    return (checked_[page / 64].load(std::memory_order_relaxed) >> page % 64 & 1) != 0;
  }
  // There are whole frames from `begin` to `end`, and nothing else.
  void noteChecked(std::uint64_t begin, std::uint64_t end) const;

  std::uint64_t written() const { return written_.load(std::memory_order_acquire); }
  void setWritten(std::uint64_t bytes) { written_.store(bytes, std::memory_order_release); }
  // Of the file now, as another process may have grown it; at most the capacity.
  std::uint64_t fileBytes() const;

  // How many of so many bytes more the file has no blocks for yet.
  std::uint64_t missing(std::uint64_t bytes) const {
    const std::uint64_t end = written() + bytes;
    return end > reserved_ ? end - std::max(reserved_, written()) : 0;
  }
  // So many more are reserved with those, when there is room for them.
  static std::uint64_t ahead(bool zeroAhead);
  // Adds the bytes at written(). On an error nothing is added. A short text goes through mapped
  // memory, which takes no system call; `zeroAhead` writes zeros before, so that an fdatasync has
  // no sizes to put down. Where blocks are missing, `ahead` bytes more get theirs, too.
  void append(std::string_view bytes, bool zeroAhead, std::uint64_t ahead);
  // Nothing is written to it any more: gives back what was reserved.
  void finish();
  // Forgets what is written from there on.
  void cut(std::uint64_t bytes);
  void sync();
  // For the next sync, from the offset on.
  void writeAgain(std::uint64_t offset);
  // Another process may have changed how far the file has its blocks.
  void forgetReserve();

  // Bytes of records that no longer count.
  std::atomic<std::uint64_t> deadBytes{0};
  // Bytes of those that say what is no more: needed as long as there are older segments.
  std::atomic<std::uint64_t> tombstoneBytes{0};
  // Compacting it failed over damage in it, so that it stays.
  std::atomic<bool> isDamaged{false};

 private:
  Segment(Fd fd, const SegmentHeader& header, std::string file);

  [[noreturn]] void throwUnreadable() const;
  bool reserve(std::uint64_t upTo, std::uint64_t ahead);
  void populate();
  void fillAhead(std::uint64_t upTo, std::uint64_t ahead);
  void appendMapped(std::string_view bytes);
  void noteWritten(std::uint64_t begin, std::uint64_t end);
  void forgetChecked(std::uint64_t from);

  Fd fd_;
  SegmentHeader header_;
  std::string file_;
  Mapping read_;
  const char* data_;
  std::atomic<std::uint64_t> written_{0};
  mutable std::array<std::atomic<std::uint64_t>, kMaxSegmentBytes / kCheckedPage / 64> checked_{};
  mutable std::atomic<unsigned> reads_{0};         // of pages that were not known
  mutable std::atomic<std::uint64_t> isAhead_{0};  // bit n: the n-th piece was
  std::uint64_t ownBegin_ = 0;                     // all from there to ownEnd_ was appended here
  std::uint64_t ownEnd_ = 0;
  std::unique_ptr<Mapping> write_;
  std::uint64_t reserved_ = 0;   // the file has its blocks up to here
  std::uint64_t populated_ = 0;  // and pages for writing up to here
  bool canReserve_ = true;
};

// Writes at the offset. Throws NoSpace or Io; then some of it may have been written.
void writeAt(int fd, std::uint64_t offset, std::string_view bytes, const std::string& file);

}  // namespace hexpage::kv
