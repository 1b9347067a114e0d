#include "filesystem/store_lock.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <hexpage/error.hpp>
#include <thread>

namespace hexpage {
namespace {

const std::string kFile = ".hexpage/lock";

bool tryLock(int fd) {
  struct flock whole {};
  whole.l_type = F_WRLCK;
  whole.l_whence = SEEK_SET;
  if (::fcntl(fd, F_OFD_SETLK, &whole) == 0) return true;
  if (errno == EAGAIN || errno == EACCES || errno == EINTR) return false;
  throwSystem("lock", kFile);
}

std::string holder(int directory) {
  const auto content = readRegular(directory, kFile);
  const std::string process = content ? content->text.substr(0, content->text.find('\n')) : "";
  return process.empty() ? "" : " (process " + process + ")";
}

}  // namespace

Fd lockStore(int directory, const std::string& baseDir, Millis timeout) {
  using Clock = std::chrono::steady_clock;
  Fd fd(::openat(directory, kFile.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666));
  if (!fd) throwSystem("open", baseDir + "/" + kFile);
  const auto deadline = Clock::now() + timeout;
  // The kernel offers no wait with a timeout for these locks, so ask again, ever less often.
  for (Millis pause{1}; !tryLock(fd.get()); pause = std::min(pause * 2, Millis(50))) {
    if (Clock::now() >= deadline)
      throw Error(Code::LockTimeout, "lock timeout: " + baseDir + " is open in another Storage" +
                                         holder(directory) + ", after " +
                                         std::to_string(timeout.count()) + " ms");
    std::this_thread::sleep_for(pause);
  }
  const std::string process = std::to_string(::getpid()) + "\n";
  if (::ftruncate(fd.get(), 0) != 0) throwSystem("truncate", kFile);
  writeAll(fd.get(), process, kFile);
  return fd;
}

}  // namespace hexpage
