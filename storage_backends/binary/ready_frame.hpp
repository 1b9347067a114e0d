// A transaction of one record, made ready before the writer's lane is held: what is left to do
// there is to say where the frame is.
#pragma once

#include <memory>
#include <string_view>

#include "binary/frame.hpp"
#include "binary/record.hpp"

namespace hexpage::kv {

class ReadyFrame {
 public:
  explicit ReadyFrame(const Record& record) : recordBytes_(kv::recordBytes(record)) {
    if (kFrameHeaderBytes + recordBytes_ > sizeof small_) {
      large_ = std::make_unique_for_overwrite<char[]>(kFrameHeaderBytes + recordBytes_);
      bytes_ = large_.get();
    }
    writeRecord(bytes_ + kFrameHeaderBytes, record);
    hash_ = bodyHash(body());
  }
  ReadyFrame(const ReadyFrame&) = delete;
  ReadyFrame& operator=(const ReadyFrame&) = delete;

  std::size_t recordBytes() const { return recordBytes_; }
  // The frame at its place.
  std::string_view at(std::uint64_t salt, std::uint64_t offset) {
    writeFrameHeader(bytes_, kCommit, body(), hash_, salt, offset);
    return {bytes_, kFrameHeaderBytes + recordBytes_};
  }

 private:
  std::string_view body() const { return {bytes_ + kFrameHeaderBytes, recordBytes_}; }

  std::size_t recordBytes_;
  char small_[1024];
  std::unique_ptr<char[]> large_;  // what does not fit there
  char* bytes_ = small_;
  std::uint64_t hash_;
};

}  // namespace hexpage::kv
