// Reads that check what they read: the frame around a record is found, and its checksum compared,
// before the record is believed.
#pragma once

#include <hexpage/kv.hpp>

#include "binary/log.hpp"

namespace hexpage::kv {

// Throws Corrupt when the record that begins there is in no whole frame.
void checkFrame(const Segment& segment, std::uint64_t offset);
// The same, and notes in the segment what need not be looked at again.
void checkPage(const Segment& segment, std::uint64_t offset);

class FrameCheck {
 public:
  explicit FrameCheck(VerifyReads when) : when_(when) {}

  void check(const Log& log, Address address) const {
    if (when_ == VerifyReads::Never) return;
    const Segment& segment = log.segmentAt(address);
    const std::uint64_t offset = offsetAt(address);
    if (when_ == VerifyReads::Always) return checkFrame(segment, offset);
    if (!segment.isChecked(offset)) checkPage(segment, offset);
  }

 private:
  VerifyReads when_;
};

}  // namespace hexpage::kv
