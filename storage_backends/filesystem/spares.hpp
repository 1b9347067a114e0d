// Files that are written beside the store and then change places with a record's file. What was
// there before becomes the next spare, so that no block is allocated or freed for a change: 15
// times faster than a new file and a rename over the old one.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "filesystem/posix.hpp"

namespace hexpage {

// Safe between threads. Names are relative to the store's directory.
class Spares {
 public:
  // The folder is this process's alone, and what it holds is removed. It stays in the end: a store
  // opens although no file can be made.
  Spares(int directory, std::string folder, const Modes& modes = {});
  ~Spares();

  struct Written {
    std::string file;
    struct stat status;
  };
  // A spare that holds the text. It may have been a record's file, with all that file had; `finish`
  // does to it what is to be done before it has its name.
  using Finish = std::function<void(int fd, const std::string& file)>;
  Written write(std::string_view text, const Finish& finish);
  // A name for a file that is to become a spare.
  std::string newName();
  // Takes a file of that name, of about `size` bytes, as a spare, or removes it when there are
  // enough.
  void give(const std::string& file, std::size_t size) noexcept;
  // Removes all that are free. False when there were none.
  bool giveBack() noexcept;
  // Removes it, whatever it holds.
  void discard(const std::string& file) noexcept;

 private:
  // Spares by how many blocks they have: a text goes where none must be allocated or freed.
  using Free = std::multimap<std::size_t, std::string>;

  Written writeOnce(std::string_view text, const Finish& finish);
  std::optional<std::string> take(std::size_t size);

  void empty();

  const int directory_;
  const std::string folder_;
  const Modes modes_;
  std::mutex mutex_;
  Free free_;
  std::uint64_t lastName_ = 0;
};

}  // namespace hexpage
