// Reads the frames of a journal file for as long as they are whole.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "filesystem/journal_layout.hpp"

namespace hexpage {

// The newest header that is whole; nullopt when none is. Throws InvalidArgument for one of another
// format, Io. `file` is for errors.
std::optional<JournalHeader> readJournalHeader(int fd, const std::string& file,
                                               std::uint64_t identity);

class JournalReader {
 public:
  struct Read {
    FrameHeader header;
    std::uint64_t begin, end;  // positions
    std::string_view body;     // valid until the next call
    std::uint64_t bodyChecksum;
  };

  // `file` is for errors.
  JournalReader(int fd, std::string file, std::uint64_t identity, const JournalHeader& header);

  // The next frame; nullopt where none validates, and from then on. Throws Io.
  std::optional<Read> next();
  // Looks anew at what was written meanwhile.
  void refresh();

  // Behind the last frame that next() gave, and its checksum.
  std::uint64_t end() const { return place_.position; }
  std::uint64_t lastChecksum() const { return place_.previous; }

 private:
  std::optional<std::string_view> bytes(std::uint64_t offset, std::uint64_t size);
  void fill(std::uint64_t offset, std::uint64_t size);
  bool isInFile(std::uint64_t offset, std::uint64_t size) const;
  void readSize();

  const int fd_;
  const std::string file_;
  const std::uint64_t base_;
  std::uint64_t fileSize_ = 0;
  FramePlace place_;
  std::string_view window_;  // a part of the file, from windowOffset_ on
  std::uint64_t windowOffset_ = 0;
  std::unique_ptr<char[]> buffer_;  // that it is in
  std::size_t bufferSize_ = 0;
  std::uint64_t windowSize_;
};

}  // namespace hexpage
