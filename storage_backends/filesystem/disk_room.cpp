#include "filesystem/disk_room.hpp"

#include <sys/statvfs.h>

#include <algorithm>
#include <limits>

#include "support/fd.hpp"
#include "support/uninterrupted.hpp"

namespace hexpage {
namespace {

constexpr std::uint64_t kShare = 32;
constexpr std::uint64_t kLeastAside = std::uint64_t{16} << 10;
constexpr std::uint64_t kNoEnd = std::numeric_limits<std::uint64_t>::max();

DiskRoom roomOf(const struct statvfs& status) {
  const bool areBlocksCounted = status.f_blocks != 0, areFilesCounted = status.f_files != 0;
  return {areBlocksCounted ? std::uint64_t{status.f_bavail} * status.f_frsize : kNoEnd,
          areFilesCounted ? std::uint64_t{status.f_favail} : kNoEnd,
          areBlocksCounted ? std::uint64_t{status.f_blocks} * status.f_frsize : kNoEnd};
}

}  // namespace

DiskRoom diskRoom(int directory, const std::string& path) {
  struct statvfs status;
  if (uninterrupted([&] { return ::fstatvfs(directory, &status); }) != 0)
    throwSystem("statfs", path);
  return roomOf(status);
}

std::uint64_t freeBytes(int fd) noexcept {
  struct statvfs status;
  const bool isKnown = uninterrupted([&] { return ::fstatvfs(fd, &status); }) == 0;
  return isKnown ? roomOf(status).bytes : 0;
}

std::uint64_t setAside(const DiskRoom& disk, std::uint64_t most) {
  return std::min(std::max(disk.allBytes / kShare, kLeastAside), most);
}

}  // namespace hexpage
