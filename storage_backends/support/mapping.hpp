// A part of a file mapped into memory, shared with all who map it. The system answers an access to
// a page that it can not read (a bad disk, a file that somebody cut short) or has no room for with
// SIGBUS, which would end the process: a handler puts a page of zeros there instead and marks the
// mapping failed. Who read or wrote asks failed() before the bytes are believed. The handler passes
// on what is not ours.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>

namespace hexpage {

class Mapping {
 public:
  // From `offset` on, which is a multiple of the page's size. May reach beyond the file's end;
  // pages there are not to be touched until it has grown. Throws Io.
  Mapping(int fd, std::size_t bytes, bool isWritable, const std::string& file,
          std::uint64_t offset = 0);
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  ~Mapping();

  char* data() const { return data_; }
  std::size_t bytes() const { return bytes_; }
  bool failed() const { return failed_->load(std::memory_order_acquire); }

 private:
  char* data_ = nullptr;
  std::size_t bytes_ = 0;
  std::size_t guard_ = 0;
  std::atomic<bool>* failed_ = nullptr;
};

}  // namespace hexpage
