#include "small_disk.hpp"

#include <sys/mount.h>
#include <sys/statvfs.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace hexpage::torture {
namespace {

constexpr std::size_t kRoomyBytes = std::size_t{64} << 20;
constexpr std::size_t kRoomyFiles = 10'000;
constexpr int kTries = 100;

struct Used {
  std::size_t bytes;
  std::size_t files;
};

Used usedIn(const std::string& directory) {
  struct statvfs status {};
  if (::statvfs(directory.c_str(), &status) != 0)
    throw std::runtime_error("statvfs " + directory + ": " + std::strerror(errno));
  return {(status.f_blocks - status.f_bfree) * status.f_frsize, status.f_files - status.f_ffree};
}

}  // namespace

SmallDisk::SmallDisk() : SmallDisk(kRoomyBytes) {}

SmallDisk::SmallDisk(std::size_t bytes) { mount(0, bytes, kRoomyFiles); }

SmallDisk::~SmallDisk() { ::umount2(directory().c_str(), MNT_DETACH); }

// Again when more is used by then than was seen: a store writes in the background.
void SmallDisk::leaveBytes(std::size_t bytes) {
  for (int tries = 0;; ++tries) {
    try {
      return mount(MS_REMOUNT, usedIn(directory()).bytes + bytes, kRoomyFiles);
    } catch (const std::runtime_error&) {
      if (tries == kTries) throw;
    }
  }
}

void SmallDisk::leaveFiles(std::size_t files) {
  mount(MS_REMOUNT, kRoomyBytes, usedIn(directory()).files + files);
}

void SmallDisk::makeRoom() { mount(MS_REMOUNT, kRoomyBytes, kRoomyFiles); }

void SmallDisk::mount(unsigned long flags, std::size_t bytes, std::size_t files) {
  const std::string data = "size=" + std::to_string(bytes) + ",nr_inodes=" + std::to_string(files);
  if (::mount("none", directory().c_str(), "tmpfs", flags, data.c_str()) != 0)
    throw std::runtime_error("mount tmpfs " + data + ": " + std::strerror(errno));
}

}  // namespace hexpage::torture
