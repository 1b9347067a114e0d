// One process's journal: an append-only file of frames that recovery reads back in order.
//
// What holds whenever the process is killed or the power fails:
//  (1) A frame validates only in its place, behind the frames that were there when it was appended;
//      so scan() gives a prefix of what was appended since the last restart.
//  (2) What sync() returned for is in that prefix, also after a power failure.
//  (3) Once restart() has returned, no frame from before it is ever given again. While it runs a
//      crash leaves all of them or none.
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "filesystem/journal_layout.hpp"
#include "filesystem/journal_window.hpp"
#include "filesystem/posix.hpp"
#include "support/group_sync.hpp"

namespace hexpage {

// Read: the file is there, is only scanned, and not changed. WriteMapped: short frames are appended
// by way of mapped memory; for a file of this machine.
enum class JournalAccess { Read, Write, WriteMapped };

// Safe between threads, but for scan(). Positions count bytes and grow over restarts too: a
// position from before a restart is one that needs no sync any more.
class Journal {
 public:
  enum class Kind : std::uint8_t { Batch = 1, Flush = 2, Placed = 3, Covers = 4, Begin = 5 };

  struct Frame {
    Kind kind;
    std::uint64_t begin, end;  // positions
    std::string_view body;     // valid until the visit returns
    std::uint64_t bodyChecksum;
  };

  // Opens the file, or makes it for good (0600), relative to `directory`. `identity`, of the store
  // and of the journal's number in it, goes into every checksum. Throws Io, NoSpace, and Corrupt
  // for what is no regular file.
  Journal(int directory, std::string file, std::uint64_t identity,
          JournalAccess access = JournalAccess::Write, mode_t mode = 0600);

  // The body of its first frame; nullopt unless there is one, and of this kind. May be called
  // before scan(), and throws as that does.
  std::optional<std::string> firstOf(Kind kind) const;

  // Visits the whole frames since the last restart in their order. From then on appends go behind
  // the last of them; what follows it (an append that was torn) is forgotten. Must be called, once
  // and by one thread, before anything below. Throws Corrupt when no header is left, for a kind
  // of frame that is not known, or when frames are damaged that were on disk; InvalidArgument for a
  // newer format; Io.
  void scan(const std::function<void(const Frame&)>& visit);

  // The body of a frame, between these positions, that scan() has visited. Throws Corrupt when it
  // has changed since.
  std::string bodyOf(std::uint64_t begin, std::uint64_t end, std::uint64_t bodyChecksum) const;

  // Appends one frame whose body is these parts, and gives the position behind it. When it throws,
  // nothing was appended: NoSpace, Io; InvalidArgument for 4 GiB or more; ReadOnly when an earlier
  // failure has left the file in doubt.
  std::uint64_t append(Kind kind, std::span<const std::string_view> parts);
  std::uint64_t append(Kind kind, std::string_view body) { return append(kind, {&body, 1}); }
  std::uint64_t end() const;

  // On return all frames up to `position` are on disk. One fdatasync serves all threads that wait,
  // and appends go on meanwhile. Throws Io when that is not so; after a failed fdatasync nothing
  // more is written or believed until the file is opened anew.
  void sync(std::uint64_t position);
  void sync() { sync(end()); }
  std::uint64_t syncedEnd() const;
  // The same; nullopt unless there is a frame before it since the last restart.
  std::optional<std::uint64_t> syncedFrames() const;
  // Notes in the file how far its frames are on disk, without a sync: a scan that ends before finds
  // damage, which otherwise looks like an append that was torn. What fails changes nothing.
  void noteSynced() noexcept;
  // How many fdatasyncs sync() has done.
  std::uint64_t syncs() const;

  static constexpr std::uint64_t kMostKeptBytes = std::uint64_t{16} << 20;
  // Gives up all frames: the next is the first of a new generation. So many bytes of the file stay,
  // to be written over; not fewer than a new one has. Syncs. Throws Io, NoSpace, or ReadOnly as
  // append does; then a reopened journal has all frames or none.
  void restart(std::uint64_t keptBytes = kMostKeptBytes);
  std::uint64_t generation() const;
  // Bytes of frames since the last restart.
  std::uint64_t size() const;

 private:
  using Lock = std::unique_lock<std::mutex>;

  void create(int directory, mode_t mode);
  JournalHeader readHeader() const;
  void checkNoted() const;
  void refuseIfFailed() const;
  [[noreturn]] void fail(const std::string& what);
  void makeHeaderDurable();
  void writeFrame(const FrameHeader& header, std::span<const std::string_view> parts);
  bool cutOff(std::uint64_t size);
  void fillAhead();
  void syncOnce(Lock& lock);
  void dirtyAgain();
  // Where a position is in the file.
  std::uint64_t offsetOf(std::uint64_t position) const;

  const std::string file_;
  const std::uint64_t identity_;
  Fd fd_;
  const bool isMapped_;

  mutable std::mutex mutex_;  // guards all below; not held while fdatasync runs for sync()
  GroupSync syncing_;
  JournalHeader header_;
  std::uint32_t session_ = 0;
  std::uint64_t end_ = 0;
  std::uint64_t previous_ = 0;  // checksum of the last frame
  std::uint64_t filled_ = 0;    // the file's size
  JournalWindow window_{fd_, file_};
  std::uint64_t syncs_ = 0;
  bool isHeaderDurable_ = false;
  std::string failure_;  // why nothing more is written; "" for none
};

}  // namespace hexpage
