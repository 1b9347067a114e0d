#include "support/fd.hpp"

#include <fcntl.h>
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

Fd openDirectory(const std::string& directory) {
  Fd fd(
      uninterrupted([&] { return ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); }));
  if (!fd) throwSystem("open", directory);
  return fd;
}

}  // namespace hexpage
