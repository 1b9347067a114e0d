// Short appends to a journal by way of mapped memory, which take no system call.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "support/fd.hpp"
#include "support/mapping.hpp"

namespace hexpage {

// A window of a file that moves along with what is written. One thread at a time.
class JournalWindow {
 public:
  // Of an open file, which lives longer; messages call it `file`.
  JournalWindow(const Fd& fd, const std::string& file) : fd_(fd), file_(file) {}

  // Writes the head and the parts at the offset of the file, which has its blocks up to `fileEnd`.
  // False when that was not possible, and not all of it may be there: it is to be written by other
  // means.
  bool write(std::uint64_t offset, std::uint64_t fileEnd, std::string_view head,
             std::span<const std::string_view> parts);
  // To be called before the file is cut.
  void close();

 private:
  bool moveTo(std::uint64_t offset, std::uint64_t end, std::uint64_t fileEnd);
  bool populate(std::uint64_t end);
  bool giveUp();

  const Fd& fd_;
  const std::string& file_;
  std::unique_ptr<Mapping> mapping_;
  std::uint64_t begin_ = 0;  // in the file, of the window
  std::uint64_t end_ = 0;
  std::uint64_t populated_ = 0;  // the pages before it are there to be written
  bool isUsable_ = true;
};

}  // namespace hexpage
