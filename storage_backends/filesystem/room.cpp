#include "filesystem/room.hpp"

#include <time.h>

#include <algorithm>
#include <cerrno>
#include <hexpage/error.hpp>

#include "filesystem/disk_room.hpp"

namespace hexpage {
namespace {

constexpr std::uint64_t kMostSpareBytes = std::uint64_t{1} << 20;  // are left free
constexpr int kBallastFiles = 16;
constexpr std::uint64_t kSpareFiles = 16;
constexpr std::int64_t kMillis = 1000;  // a measurement holds so long

std::int64_t now() {
  timespec time;
  clock_gettime(CLOCK_MONOTONIC_COARSE, &time);
  return std::int64_t{time.tv_sec} * 1000 + time.tv_nsec / 1'000'000;
}

[[noreturn]] void refuse(const std::string& why) { throw Error(Code::NoSpace, why, ENOSPC); }

}  // namespace

Room::Room(int directory, std::string baseDir, const Modes& modes)
    : directory_(directory),
      baseDir_(std::move(baseDir)),
      ballast_(directory, baseDir_, ".hexpage/ballast", kBallastFiles, modes) {}

void Room::require(std::uint64_t files, std::uint64_t bytes, For use) {
  const bool isPlenty = bytes <= left_.bytes / 2 && files <= left_.files / 2;
  if (!isPlenty || measuredAt_ + kMillis < now()) measure();
  const Left spare = use == For::Removal ? spare_ : Left{};
  if (bytes > left_.bytes + spare.bytes)
    refuse(baseDir_ + ": No space left on device for what is to be written (" +
           std::to_string(bytes) + " bytes in " + std::to_string(files) +
           " files); free some, or remove items");
  if (files > left_.files + spare.files)
    refuse(baseDir_ + ": No inodes left on device for what is to be written (" +
           std::to_string(files) + " files); remove other files there, or items");
}

void Room::measure() {
  const DiskRoom disk = diskRoom(directory_, baseDir_);
  spare_ = {std::min(disk.bytes, setAside(disk, kMostSpareBytes)),
            std::min(disk.files, kSpareFiles)};
  left_ = {disk.bytes - spare_.bytes, disk.files - spare_.files};
  measuredAt_ = now();
}

bool Room::giveBallast() {
  measureAgain();
  return ballast_.give();
}

}  // namespace hexpage
