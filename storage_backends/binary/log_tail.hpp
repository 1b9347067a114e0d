// Reads on and on what is committed to the log. It opens the files of the log by itself, and keeps
// the one that it is in: so that stays readable when it is compacted away meanwhile.
#pragma once

#include <memory>
#include <optional>

#include "binary/frame_reader.hpp"

namespace hexpage::kv {

class LogTail {
 public:
  // `from` is the end of a frame, or where the first one of a segment begins.
  LogTail(int directory, Lsn from) : directory_(directory), at_(from), end_(from) { open(); }

  // The log is committed up to there.
  void extend(Lsn end);
  bool isBehind() const { return at_ < end_; }
  // The next frame before the end that is no seal; its body holds until the next call. nullopt at
  // the end, and when it is lost.
  std::optional<FrameReader::Found> next();
  // Whether what comes next was compacted away, or is damaged.
  bool isLost() const { return isLost_; }

 private:
  void open();
  void noteWritten();
  void goOn(const Frame& seal);

  const int directory_;
  Lsn at_;
  Lsn end_;
  std::unique_ptr<Segment> segment_;  // that at_ is in; null when it is lost
  bool isLost_ = false;
};

}  // namespace hexpage::kv
