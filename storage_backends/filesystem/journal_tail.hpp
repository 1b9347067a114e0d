// Reads on and on what is appended to a journal file, by whomever. Nothing in the file changes.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "filesystem/journal.hpp"
#include "filesystem/journal_reader.hpp"

namespace hexpage {

class JournalTail {
 public:
  // nullopt when there is no such file. See Journal. The first read() is to begin at the position
  // `from`; nullopt: with whatever there is.
  static std::optional<JournalTail> open(int directory, const std::string& file,
                                         std::uint64_t identity, std::optional<std::uint64_t> from);

  // Visits the frames since the last call, the first time all that there are. False, after those
  // that can be read, when some were given up before they were.
  bool read(const std::function<void(Journal::Kind kind, std::string_view body)>& visit);

 private:
  JournalTail(Fd fd, std::string file, std::uint64_t identity, std::optional<std::uint64_t> from);

  bool followRestart(bool& isWhole);

  Fd fd_;
  std::string file_;
  std::uint64_t identity_;
  std::optional<std::uint64_t> from_;
  std::optional<std::uint64_t> generation_;  // that is read; nullopt before there is one
  std::optional<JournalReader> reader_;      // of it
};

}  // namespace hexpage
