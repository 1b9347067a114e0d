#include "filesystem/batch_frame.hpp"

#include <time.h>

#include "support/bytes.hpp"

namespace hexpage {

std::uint64_t monotonicNanos() noexcept {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000u +
         static_cast<std::uint64_t>(now.tv_nsec);
}

std::string batchTime(std::uint64_t time) {
  std::string bytes;
  putU64(bytes, time);
  return bytes;
}

BatchFrame parseBatchFrame(std::string_view body) {
  ByteReader reader(body, "batch frame");
  const std::uint64_t time = reader.u64();
  return {time, reader.take(reader.left())};
}

}  // namespace hexpage
