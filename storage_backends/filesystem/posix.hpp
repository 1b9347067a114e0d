// Files as the system has them, with errors as Error. File names are relative to an open directory.
#pragma once

#include <fcntl.h>
#include <sys/stat.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace hexpage {

// An open file descriptor; the destructor closes it.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept;
  ~Fd();

  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

// Throws what errno says, as "<what> <file>: <reason>": NoSpace, ReadOnly or Io.
[[noreturn]] void throwSystem(const std::string& what, const std::string& file);

struct FileContent {
  std::string text;
  struct stat status;
};

// nullopt when there is no such file. Throws Corrupt when it is no regular file (links are not
// followed), Io when it can not be read.
std::optional<FileContent> readRegular(int directory, const std::string& file);

// Writes the whole text at the beginning of the file.
void writeAll(int fd, std::string_view text, const std::string& file);

// `size` bytes from `offset` on; fewer where the file ends.
std::string readAt(int fd, std::uint64_t offset, std::uint64_t size, const std::string& file);

// Puts a small file whole and for good in its place: written beside it, synced, renamed, and the
// name synced too.
void replaceDurably(int directory, const std::string& file, std::string_view text);

// Syncs a folder, "" for the directory itself.
void syncFolder(int directory, const std::string& folder);

// Makes the directories that lead to the file.
void makeParents(int directory, const std::string& file);

// What comes before the last '/'; "" when there is none.
std::string parentOf(const std::string& file);

}  // namespace hexpage
