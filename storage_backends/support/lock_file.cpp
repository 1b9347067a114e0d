#include "support/lock_file.hpp"

#include <fcntl.h>

#include <cerrno>
#include <utility>

#include "support/own_file.hpp"

namespace hexpage {
namespace {

struct flock oneByte(std::uint64_t byte, short type) {
  struct flock range {};
  range.l_type = type;
  range.l_whence = SEEK_SET;
  range.l_start = static_cast<off_t>(byte);
  range.l_len = 1;
  return range;
}

}  // namespace

LockFile::LockFile(int directory, const std::string& file, mode_t mode, std::string path)
    : path_(std::move(path)), fd_(openOrMake(directory, file, mode, path_).fd) {}

std::optional<LockFile> LockFile::openToRead(int directory, const std::string& file,
                                             std::string path) {
  auto open = openFile(directory, file, O_RDONLY, path);
  if (!open) return std::nullopt;
  return LockFile(std::move(path), std::move(open->fd));
}

bool LockFile::tryLock(std::uint64_t byte, LockMode mode) {
  struct flock range = oneByte(byte, mode == LockMode::Shared ? F_RDLCK : F_WRLCK);
  while (::fcntl(fd_.get(), F_OFD_SETLK, &range) != 0) {
    if (errno == EAGAIN || errno == EACCES) return false;
    if (errno != EINTR) throwSystem("lock", path_);
  }
  return true;
}

void LockFile::unlock(std::uint64_t byte) noexcept {
  struct flock range = oneByte(byte, F_UNLCK);
  while (::fcntl(fd_.get(), F_OFD_SETLK, &range) != 0 && errno == EINTR) {
  }
}

void LockFile::unlockAll() noexcept {
  struct flock range = oneByte(0, F_UNLCK);
  range.l_len = 0;  // to the end
  while (::fcntl(fd_.get(), F_OFD_SETLK, &range) != 0 && errno == EINTR) {
  }
}

bool LockFile::isTaken(std::uint64_t byte) const {
  struct flock range = oneByte(byte, F_WRLCK);
  if (::fcntl(fd_.get(), F_OFD_GETLK, &range) != 0) throwSystem("ask about a lock of", path_);
  return range.l_type != F_UNLCK;
}

}  // namespace hexpage
