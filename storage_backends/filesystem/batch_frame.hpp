// The body of a Batch frame: when the batch was applied, and the batch as batch_codec.hpp has it.
//
//   body  =  time(8: ns of CLOCK_MONOTONIC)  batch
//
// The time is taken by who may change what the batch touches, before the frame is appended. So of
// two batches that touch the same hash the one that was applied later has the later time, whichever
// journals they are in.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "support/batch_codec.hpp"

namespace hexpage {

std::uint64_t monotonicNanos() noexcept;

struct BatchFrame {
  std::uint64_t time = 0;
  std::string_view batch{};  // into the body
};

std::string batchTime(std::uint64_t time);  // the body's first part
// Throws Corrupt for a body that is too short.
BatchFrame parseBatchFrame(std::string_view body);

}  // namespace hexpage
