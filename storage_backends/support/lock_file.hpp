// Locks across processes: each byte of one file is a lock. They are OFD locks: they belong to the
// open file, so closing another descriptor of it loses none, and the kernel frees them when the
// last process that has it open ends. They do not exclude the threads that share a LockFile.
#pragma once

#include <cstdint>
#include <hexpage/backend.hpp>
#include <optional>
#include <string>
#include <utility>

#include "support/fd.hpp"

namespace hexpage {

class LockFile {
 public:
  // Opens or makes the file, see openOrMake(). It is never deleted: who opened a deleted one would
  // lock beside all others.
  LockFile(int directory, const std::string& file, mode_t mode, std::string path);
  // For shared locks only; nullopt when there is no such file.
  static std::optional<LockFile> openToRead(int directory, const std::string& file,
                                            std::string path);

  // Locks the byte in this mode, also when it is locked here in the other one; false when somebody
  // else is in the way. Throws Io when the system can not lock at all.
  bool tryLock(std::uint64_t byte, LockMode mode);
  void unlock(std::uint64_t byte) noexcept;
  void unlockAll() noexcept;

  // Whether somebody else has the byte locked, in either mode.
  bool isTaken(std::uint64_t byte) const;

  // Gives up all locks, unless a forked child has the file open too. Async-signal-safe.
  void close() noexcept { fd_ = Fd(); }

 private:
  LockFile(std::string path, Fd fd) : path_(std::move(path)), fd_(std::move(fd)) {}

  std::string path_;  // for messages
  Fd fd_;
};

}  // namespace hexpage
