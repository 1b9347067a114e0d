// An open file, and what the system says when it refuses.
#pragma once

#include <string>
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

// What an errno means, in words.
std::string reasonOf(int error);

// Throws what errno says, as "<what> <file>: <reason>": NoSpace, ReadOnly, Corrupt or Io.
[[noreturn]] void throwSystem(const std::string& what, const std::string& file);

// A directory, by its name from the working directory. Throws what the system says.
Fd openDirectory(const std::string& directory);

}  // namespace hexpage
