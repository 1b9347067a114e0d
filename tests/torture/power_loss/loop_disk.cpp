#include "loop_disk.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <stdexcept>

namespace hexpage::torture {
namespace {

constexpr unsigned long kShutdown = _IOR('X', 125, std::uint32_t);  // EXT4_IOC_SHUTDOWN
constexpr std::uint32_t kWithoutItsJournal = 2;

void run(const std::string& command) {
  if (std::system((command + " >/dev/null 2>&1").c_str()) != 0)
    throw std::runtime_error("failed: " + command);
}

[[noreturn]] void fail(const std::string& what) {
  throw std::runtime_error(what + ": " + std::strerror(errno));
}

}  // namespace

void LoopDisk::makePrivate() {
  if (::unshare(CLONE_NEWNS) != 0) fail("a name space of its own for mounts");
  if (::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) fail("private mounts");
}

LoopDisk::LoopDisk() {
  std::filesystem::create_directory(directory());
  const std::string image = dir_.string() + "/image";
  run("truncate -s 96M " + image);
  run("mkfs.ext4 -q -F -E lazy_itable_init=0 " + image);
}

LoopDisk::~LoopDisk() {
  if (isMounted_) ::umount2(directory().c_str(), MNT_DETACH);
}

void LoopDisk::mount(const std::string& options) {
  run("mount -t ext4 -o loop," + options + " " + dir_.string() + "/image " + directory());
  isMounted_ = true;
}

void LoopDisk::cut() {
  const int fd = ::open(directory().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  std::uint32_t how = kWithoutItsJournal;
  const bool isCut = fd >= 0 && ::ioctl(fd, kShutdown, &how) == 0;
  const int error = errno;
  if (fd >= 0) ::close(fd);
  errno = error;
  if (!isCut) fail("shut down " + directory());
}

void LoopDisk::unmount() {
  if (::umount(directory().c_str()) != 0) fail("unmount " + directory());
  isMounted_ = false;
}

}  // namespace hexpage::torture
