#include "filesystem/spares.hpp"

#include <signal.h>
#include <unistd.h>

#include "filesystem/file_layout.hpp"

namespace hexpage {
namespace {

constexpr std::size_t kKept = 64;

std::string folder() { return std::string(kOwnDirectory) + "/spares"; }

// A reader without a lock may still have the file open that was there before, and a hard-linked
// backup shares it: both must keep what they have. A write lease is given only when nobody else has
// the file open. Should somebody open it right then, the signal must not be SIGIO, which kills.
bool isOursAlone(int fd) {
  struct stat status;
  if (::fstat(fd, &status) != 0 || status.st_nlink != 1) return false;
  if (::fcntl(fd, F_SETSIG, SIGURG) != 0 || ::fcntl(fd, F_SETLEASE, F_WRLCK) != 0) return false;
  return ::fcntl(fd, F_SETLEASE, F_UNLCK) == 0;
}

}  // namespace

Spares::Spares(int directory) : directory_(directory) { makeParents(directory_, folder() + "/1"); }

Spares::~Spares() {
  for (const std::string& file : free_) discard(file);
}

std::string Spares::newName() {
  std::lock_guard guard(mutex_);
  return folder() + "/" + std::to_string(++lastName_);
}

void Spares::give(std::string file) {
  {
    std::lock_guard guard(mutex_);
    if (free_.size() < kKept) {
      free_.push_back(std::move(file));
      return;
    }
  }
  discard(file);
}

void Spares::discard(const std::string& file) noexcept { ::unlinkat(directory_, file.c_str(), 0); }

Fd Spares::openReusable(const std::string& file) const {
  Fd fd(::openat(directory_, file.c_str(), O_WRONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  return fd && isOursAlone(fd.get()) ? std::move(fd) : Fd();
}

Spares::Written Spares::write(std::string_view text, bool syncs) {
  Written written;
  {
    std::lock_guard guard(mutex_);
    if (!free_.empty()) {
      written.file = std::move(free_.back());
      free_.pop_back();
    }
  }
  Fd fd;
  if (!written.file.empty()) {
    fd = openReusable(written.file);
    if (!fd) discard(written.file);
  }
  if (!fd) {
    written.file = newName();
    fd = Fd(::openat(directory_, written.file.c_str(),
                     O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666));
    if (!fd) throwSystem("create", written.file);
  }
  try {
    writeAll(fd.get(), text, written.file);
    if (::fstat(fd.get(), &written.status) != 0) throwSystem("stat", written.file);
    if (written.status.st_size != static_cast<off_t>(text.size())) {
      if (::ftruncate(fd.get(), static_cast<off_t>(text.size())) != 0 ||
          ::fstat(fd.get(), &written.status) != 0)
        throwSystem("truncate", written.file);
    }
    if (syncs && ::fdatasync(fd.get()) != 0) throwSystem("sync", written.file);
  } catch (...) {
    discard(written.file);
    throw;
  }
  return written;
}

}  // namespace hexpage
