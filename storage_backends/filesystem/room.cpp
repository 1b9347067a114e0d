#include "filesystem/room.hpp"

#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <hexpage/error.hpp>
#include <limits>

#include "support/own_file.hpp"

namespace hexpage {
namespace {

const std::string kBallast = ".hexpage/ballast";
constexpr off_t kBallastBytes = off_t{1} << 20;  // in the first of them
constexpr int kBallastFiles = 16;
constexpr std::uint64_t kSpareBytes = std::uint64_t{1} << 20;  // are left free
constexpr std::uint64_t kSpareFiles = 16;
constexpr std::int64_t kMillis = 1000;  // a measurement holds so long

std::int64_t now() {
  timespec time;
  clock_gettime(CLOCK_MONOTONIC_COARSE, &time);
  return std::int64_t{time.tv_sec} * 1000 + time.tv_nsec / 1'000'000;
}

std::string ballastFile(int i) { return kBallast + "/" + std::to_string(i); }

std::uint64_t without(std::uint64_t amount, std::uint64_t spare) {
  return amount > spare ? amount - spare : 0;
}

}  // namespace

Room::Room(int directory, std::string baseDir, const Modes& modes)
    : directory_(directory), baseDir_(std::move(baseDir)), modes_(modes) {}

void Room::require(std::uint64_t files, std::uint64_t bytes) {
  const bool isPlenty = bytes <= left_.bytes / 2 && files <= left_.files / 2;
  if (!isPlenty || measuredAt_ + kMillis < now()) measure();
  if (bytes > left_.bytes || files > left_.files)
    throw Error(Code::NoSpace,
                baseDir_ + ": No space left on device for what is to be written (" +
                    std::to_string(bytes) + " bytes in " + std::to_string(files) +
                    " files); free some, or remove items",
                ENOSPC);
}

void Room::measure() {
  left_ = left();
  measuredAt_ = now();
}

Room::Left Room::left() const {
  struct statvfs status;
  if (::fstatvfs(directory_, &status) != 0) throwSystem("statfs", baseDir_);
  const bool isCounted = status.f_files != 0;  // some filesystems make inodes as they need them
  return {without(std::uint64_t{status.f_bavail} * status.f_frsize, kSpareBytes),
          isCounted ? without(status.f_favail, kSpareFiles)
                    : std::numeric_limits<std::uint64_t>::max()};
}

void Room::takeBallast() {
  if (::faccessat(directory_, kBallast.c_str(), F_OK, AT_SYMLINK_NOFOLLOW) == 0) return;
  try {
    const Left before = left();
    if (before.bytes < 4 * kBallastBytes || before.files < 4 * kBallastFiles) return;
    for (int i = 0; i < kBallastFiles; ++i) makeBallastFile(i);
  } catch (const Error&) {
    giveBallast();
  }
}

void Room::makeBallastFile(int i) {
  const std::string file = ballastFile(i);
  makeParents(directory_, file, modes_);
  const Fd fd = openOrMake(directory_, file, modes_.file, file).fd;
  if (i != 0) return;
  errno = ::posix_fallocate(fd.get(), 0, kBallastBytes);
  if (errno != 0) throwSystem("reserve", file);
}

bool Room::giveBallast() {
  measuredAt_ = 0;
  bool hasGiven = false;
  for (int i = 0; i < kBallastFiles; ++i)
    hasGiven |= ::unlinkat(directory_, ballastFile(i).c_str(), 0) == 0;
  ::unlinkat(directory_, kBallast.c_str(), AT_REMOVEDIR);
  return hasGiven;
}

}  // namespace hexpage
