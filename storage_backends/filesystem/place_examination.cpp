#include "filesystem/place_examination.hpp"

#include <fcntl.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/filesystem.hpp>
#include <cerrno>
#include <chrono>

#include "support/beneath.hpp"
#include "support/path_errors.hpp"

namespace hexpage {
namespace {

namespace fs = boost::filesystem;

constexpr std::uint64_t kLittleBytes = std::uint64_t{64} << 20;
constexpr std::uint64_t kFewFiles = 1000;

fs::path nearestThere(fs::path directory) {
  boost::system::error_code ignored;
  while (!directory.empty() && !fs::is_directory(directory, ignored))
    directory = directory.parent_path();
  return directory.empty() ? "." : directory;
}

struct flock firstByte() {
  struct flock range {};
  range.l_type = F_WRLCK;
  range.l_whence = SEEK_SET;
  range.l_len = 1;
  return range;
}

}  // namespace

TrialFolder::TrialFolder(const fs::path& directory) {
  std::string name = (directory / ".hexpage-doctor-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throwSystem("make a folder to try things in, in", name);
  path_ = name;
  fd_ = openDirectory(name);
}

TrialFolder::~TrialFolder() {
  boost::system::error_code ignored;
  fs::remove_all(path_, ignored);
}

Fd TrialFolder::make(const std::string& file) const {
  Fd made = openBeneath(fd(), file, O_RDWR | O_CREAT, 0600);
  if (!made) throwSystem("create", (path_ / file).string());
  return made;
}

Fd TrialFolder::open(const std::string& file) const { return openBeneath(fd(), file, O_RDWR); }

PlaceExamination::PlaceExamination(const std::string& directory, const DirectoryRules& rules)
    : path_(nearestThere(directory)),
      isThere_(withPathErrors("stat", [&] { return fs::exists(directory); })),
      rules_(rules),
      folder_(path_) {}

void PlaceExamination::tell(const std::string& name, bool holds, const std::string& good,
                            const std::string& bad) {
  found_.push_back({name, holds, holds ? good : bad});
}

void PlaceExamination::permissions() {
  if (!isThere_)
    return tell("permissions", true,
                rules_.modes.directory == 0700
                    ? "the directory will be made, for its owner alone"
                    : "the directory will be made, with the rights that directory_mode says",
                "");
  struct stat status;
  if (::stat(path_.c_str(), &status) != 0) throwSystem("stat", path_.string());
  const auto others = std::string(othersWhoMayWrite(status.st_mode, rules_.modes.directory));
  tell("permissions", others.empty() || rules_.allowsShared,
       others.empty() ? "nobody else may write to " + path_.string()
                      : others + " may write to " + path_.string() + ", as the config allows",
       others + " may write to " + path_.string() +
           ": a store there is refused (allow_shared_directory)");
}

void PlaceExamination::filesystem() {
  struct statfs status;
  if (::fstatfs(folder_.fd(), &status) != 0) throwSystem("statfs", path_.string());
  const std::string network(networkFilesystem(static_cast<unsigned long>(status.f_type)));
  tell("local", network.empty(), "the filesystem is not known to be on another machine",
       network +
           ", on another machine: locks and what is on disk can not be relied on, so a "
           "store there is refused (allow_network_fs)");
}

// Two descriptors are to each other as two processes are.
void PlaceExamination::locks() {
  const Fd one = folder_.make("lock"), other = folder_.open("lock");
  struct flock mine = firstByte(), theirs = firstByte();
  const bool works = ::fcntl(one.get(), F_OFD_SETLK, &mine) == 0 &&
                     ::fcntl(other.get(), F_OFD_SETLK, &theirs) != 0 &&
                     (errno == EAGAIN || errno == EACCES);
  tell("locks", works, "a lock of one process keeps the others out, and goes with it",
       "no locks of open files (F_OFD_SETLK): a store can not be opened here");
}

void PlaceExamination::sync() {
  using Clock = std::chrono::steady_clock;
  const Fd file = folder_.make("synced");
  std::array<Clock::duration, 5> times;
  bool works = true;
  for (Clock::duration& time : times) {
    const auto begin = Clock::now();
    works = works && ::write(file.get(), "hexpage", 7) == 7 && ::fdatasync(file.get()) == 0;
    time = Clock::now() - begin;
  }
  std::nth_element(times.begin(), times.begin() + times.size() / 2, times.end());
  const auto micros =
      std::chrono::duration_cast<std::chrono::microseconds>(times[times.size() / 2]).count();
  tell("sync", works && !isInMemory(),
       "what is synced is on disk after some " + std::to_string(micros) +
           " us, if the disk does not lie",
       works ? "the filesystem is in memory: all is lost with the power, whatever is synced"
             : "fdatasync fails: nothing is safe from a loss of power");
}

bool PlaceExamination::isInMemory() const {
  struct statfs status;
  if (::fstatfs(folder_.fd(), &status) != 0) throwSystem("statfs", path_.string());
  return status.f_type == TMPFS_MAGIC || status.f_type == RAMFS_MAGIC;
}

void PlaceExamination::room(std::string_view need) {
  struct statvfs status;
  if (::fstatvfs(folder_.fd(), &status) != 0) throwSystem("statfs", path_.string());
  const std::uint64_t bytes = std::uint64_t{status.f_bavail} * status.f_frsize;
  const bool isCounted = status.f_files != 0;
  const bool isEnough = bytes >= kLittleBytes && (!isCounted || status.f_favail >= kFewFiles);
  const std::string left = std::to_string(bytes >> 20) + " MiB" +
                           (isCounted ? " and " + std::to_string(status.f_favail) + " files" : "") +
                           " are free";
  tell("room", isEnough, left, left + ", which is little; " + std::string(need));
}

}  // namespace hexpage
