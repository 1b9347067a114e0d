#include "binary/shared_state.hpp"

#include <linux/futex.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <ctime>

#include "support/checksum.hpp"
#include "support/own_file.hpp"
#include "support/uninterrupted.hpp"

namespace hexpage::kv {
namespace {

constexpr std::size_t kPageBytes = 4096;
const std::string kFile = "lock";

static_assert(std::atomic<std::uint64_t>::is_always_lock_free &&
              std::atomic<std::uint32_t>::is_always_lock_free);

std::uint64_t thisBoot() {
  const Fd fd(uninterrupted(
      [] { return ::open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC); }));
  char text[64];
  const ssize_t bytes = fd ? ::read(fd.get(), text, sizeof text) : 0;
  return checksum({text, bytes > 0 ? static_cast<std::size_t>(bytes) : 0}) | 1;  // 0: never set
}

// With errno when it can not be.
bool allocate(int fd, std::size_t bytes) {
  do {
    errno = ::posix_fallocate(fd, 0, static_cast<off_t>(bytes));
  } while (errno == EINTR);
  return errno == 0;
}

}  // namespace

SharedState::SharedState(int directory, bool mayWrite, mode_t mode) : isWritable_(mayWrite) {
  if (mayWrite)
    fd_ = openOrMake(directory, kFile, mode, kFile).fd;
  else if (auto open = openFile(directory, kFile, O_RDONLY, kFile))
    fd_ = std::move(open->fd);
  if (!fd_) {
    ownPage_ = std::make_unique<SharedPage>();
    page_ = ownPage_.get();
    return;
  }
  // Allocated, not sparse: a store into the page must not meet a full disk.
  if (isWritable_ && !allocate(fd_.get(), kPageBytes)) {
    struct stat status;
    if (::fstat(fd_.get(), &status) != 0 || status.st_size < off_t{kPageBytes})
      throwSystem("reserve room in", kFile);
  }
  mapping_ = std::make_unique<Mapping>(fd_.get(), kPageBytes, isWritable_, kFile);
  page_ = reinterpret_cast<SharedPage*>(mapping_->data());
}

bool SharedState::isThere(int directory) {
  struct stat status;
  return ::fstatat(directory, kFile.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0;
}

bool SharedState::isFromThisBoot() const {
  static const std::uint64_t boot = thisBoot();
  return page_->boot.load() == boot;
}

void SharedState::claimBoot() {
  page_->isWanted = 0;
  page_->boot = thisBoot();
}

bool SharedState::tryLock(SharedLock lock, bool isShared) {
  if (!hasFile()) return true;
  struct flock range {};
  range.l_type = isShared ? F_RDLCK : F_WRLCK;
  range.l_whence = SEEK_SET;
  range.l_start = kPageBytes + static_cast<off_t>(lock);
  range.l_len = 1;
  while (::fcntl(fd_.get(), F_OFD_SETLK, &range) != 0) {
    if (errno == EAGAIN || errno == EACCES) return false;
    if (errno != EINTR) throwSystem("lock", kFile);
  }
  return true;
}

void SharedState::unlock(SharedLock lock) {
  if (!hasFile()) return;
  struct flock range {};
  range.l_type = F_UNLCK;
  range.l_whence = SEEK_SET;
  range.l_start = kPageBytes + static_cast<off_t>(lock);
  range.l_len = 1;
  uninterrupted([&] { return ::fcntl(fd_.get(), F_OFD_SETLK, &range); });
}

void SharedState::sleep(std::uint32_t seen, std::uint64_t milliseconds) {
  struct timespec time {};
  time.tv_sec = static_cast<time_t>(milliseconds / 1000);
  time.tv_nsec = static_cast<long>(milliseconds % 1000 * 1'000'000);
  ::syscall(SYS_futex, &page_->wake, FUTEX_WAIT, seen, &time, nullptr, 0);
}

void SharedState::wake() {
  if (isWritable_) ++page_->wake;
  ::syscall(SYS_futex, &page_->wake, FUTEX_WAKE, INT_MAX, nullptr, nullptr, 0);
}

}  // namespace hexpage::kv
