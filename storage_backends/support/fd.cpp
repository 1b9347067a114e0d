#include "support/fd.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <hexpage/error.hpp>
#include <system_error>

#include "support/uninterrupted.hpp"

namespace hexpage {
namespace {

Code codeOf(int error) {
  switch (error) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      return Code::NoSpace;
    case EROFS:
      return Code::ReadOnly;
    case ELOOP:
      return Code::Corrupt;
    default:
      return Code::Io;
  }
}

}  // namespace

std::string reasonOf(int error) {
  if (error == ELOOP) return "a symbolic link in the place of a file or of a folder on the way";
  return std::generic_category().message(error);
}

Fd& Fd::operator=(Fd&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

Fd::~Fd() {
  if (fd_ >= 0) ::close(fd_);
}

void throwSystem(const std::string& what, const std::string& file) {
  const int error = errno;
  throw Error(codeOf(error), what + " " + file + ": " + reasonOf(error), error);
}

Fd openAt(int directory, const std::string& file, int flags) {
  return Fd(uninterrupted(
      [&] { return ::openat(directory, file.c_str(), flags | O_CLOEXEC | O_NOFOLLOW); }));
}

Fd openDirectory(const std::string& directory) {
  Fd fd(
      uninterrupted([&] { return ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); }));
  if (!fd) throwSystem("open", directory);
  return fd;
}

Fd openOrMake(int directory, const std::string& file, mode_t mode, const std::string& path) {
  const int flags = O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
  for (;;) {
    Fd fd(uninterrupted([&] { return ::openat(directory, file.c_str(), flags); }));
    if (!fd && errno == ENOENT) {
      fd = Fd(uninterrupted(
          [&] { return ::openat(directory, file.c_str(), flags | O_CREAT | O_EXCL, mode); }));
      if (!fd && errno == EEXIST) continue;  // somebody else made it just now
      if (fd && ::fchmod(fd.get(), mode) != 0) throwSystem("chmod", path);
    }
    struct stat status {};
    if (!fd || ::fstat(fd.get(), &status) != 0) throwSystem("open", path);
    if (!S_ISREG(status.st_mode)) throw Error(Code::Corrupt, path + ": not a regular file");
    return fd;
  }
}

}  // namespace hexpage
