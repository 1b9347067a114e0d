#include "filesystem/ballast.hpp"

#include <unistd.h>

#include <cerrno>
#include <hexpage/error.hpp>

#include "filesystem/disk_room.hpp"
#include "support/own_file.hpp"

namespace hexpage {
namespace {

constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 20;  // in the first of them
constexpr int kPlenty = 4;                                    // as much as this many ballasts

}  // namespace

Ballast::Ballast(int directory, std::string path, std::string name, int files, const Modes& modes)
    : directory_(directory),
      path_(std::move(path)),
      name_(std::move(name)),
      files_(files),
      modes_(modes) {}

std::string Ballast::file(int i) const {
  return files_ == 1 ? name_ : name_ + "/" + std::to_string(i);
}

void Ballast::take() {
  if (::faccessat(directory_, name_.c_str(), F_OK, AT_SYMLINK_NOFOLLOW) == 0) return;
  try {
    const DiskRoom disk = diskRoom(directory_, path_);
    const std::uint64_t bytes = setAside(disk, kMostBytes);
    if (disk.bytes < kPlenty * bytes || disk.files < kPlenty * static_cast<std::uint64_t>(files_))
      return;
    for (int i = 0; i < files_; ++i) makeFile(i, i == 0 ? bytes : 0);
  } catch (const Error&) {
    give();
  }
}

void Ballast::makeFile(int i, std::uint64_t bytes) {
  makeParents(directory_, file(i), modes_);
  const Fd fd = openOrMake(directory_, file(i), modes_.file, file(i)).fd;
  if (bytes == 0) return;
  errno = ::posix_fallocate(fd.get(), 0, static_cast<off_t>(bytes));
  if (errno != 0) throwSystem("reserve", file(i));
}

bool Ballast::give() {
  bool hasGiven = false;
  for (int i = 0; i < files_; ++i) hasGiven |= ::unlinkat(directory_, file(i).c_str(), 0) == 0;
  if (files_ > 1) ::unlinkat(directory_, name_.c_str(), AT_REMOVEDIR);
  return hasGiven;
}

}  // namespace hexpage
