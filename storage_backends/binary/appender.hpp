// Writes one transaction's records behind the log's end, frame by frame. Nothing of it counts until
// commit(): the last frame says that the transaction is whole. Memory is bounded: what is full is
// written, on a thread of its own while more is added, and rollback() cuts it off again. The caller
// holds the writer's lane.
#pragma once

#include <string>

#include "binary/log.hpp"
#include "binary/marks.hpp"
#include "binary/ready_frame.hpp"
#include "support/working_thread.hpp"

namespace hexpage::kv {

class Appender {
 public:
  explicit Appender(Log& log) : log_(log) {}

  // At the end of the log's last segment, which must be there. Each of the transaction's frames has
  // these flags.
  void begin(Use use, std::uint8_t flags = 0);
  // Where the record will be. Throws NoSpace or Io; then only rollback() may follow.
  Address add(const Record& record);
  // A record of this transaction.
  ParsedRecord record(Address address) const;
  // The log's new end. Throws NoSpace or Io; then only rollback() may follow.
  Lsn commit();
  void rollback();
  // All of that for a transaction of one record.
  struct Appended {
    Address record;
    Lsn end;
  };
  Appended append(ReadyFrame& frame);
  // In a frame of its own.
  Lsn mark(const Mark& mark);
  // Ends the last segment and begins another.
  Lsn seal();

 private:
  void place(std::size_t recordBytes);
  void makeRoom(std::size_t recordBytes);
  void noteSize(std::size_t recordBytes);
  void tellUsualLines();
  void openFrame();
  void closeFrame(std::uint8_t flags);
  void spill();
  void flush();
  void write(std::string& frames, std::uint64_t offset);
  void nextSegment(std::uint64_t frameBytes);
  std::uint64_t offset() const { return base_ + buffer_.size(); }

  static constexpr std::size_t kNoFrame = ~std::size_t{0};

  Log& log_;
  Lsn start_;
  Segment* segment_ = nullptr;
  std::string buffer_;            // what follows base_ in the segment
  std::string writing_;           // what comes before it, if it may not be there yet
  std::uint64_t base_ = 0;        // offset
  std::size_t frame_ = kNoFrame;  // where in the buffer the open frame begins
  std::size_t usualBytes_ = 0;    // of a record, roughly: recent ones count more
  Use use_ = Use::Growth;         // of the room on disk
  std::uint8_t flags_ = 0;        // of every frame
  bool isSpilled_ = false;        // some of it is in the log already
  WorkingThread writer_;          // of what is spilled; last, so that it ends first
};

}  // namespace hexpage::kv
