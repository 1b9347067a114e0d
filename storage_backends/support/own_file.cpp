#include "support/own_file.hpp"

#include <fcntl.h>

#include <cerrno>
#include <hexpage/error.hpp>
#include <utility>

#include "support/beneath.hpp"

namespace hexpage {
namespace {

bool isAbsent(int error) { return error == ENOENT || error == ENOTDIR; }

[[noreturn]] void throwNoFile(const std::string& path) {
  throw Error(Code::Corrupt, path + ": not a regular file");
}

[[noreturn]] void throwUnopened(const std::string& path) {
  if (errno == ELOOP) throw Error(Code::Corrupt, path + ": " + reasonOf(ELOOP), ELOOP);
  if (errno == ENXIO || errno == EISDIR) throwNoFile(path);  // a FIFO or a socket; a folder
  throwSystem("open", path);
}

// A file that was renamed over or removed just now has no name at all.
void refuseOtherNames(const struct stat& status, const std::string& path) {
  if (status.st_nlink <= 1) return;
  throw Error(Code::Corrupt, path + ": has " + std::to_string(status.st_nlink) +
                                 " names (hard links), and a write would change the others too; "
                                 "while no process has the store open, put a copy in its place: "
                                 "cp -p FILE FILE.copy && mv FILE.copy FILE");
}

OpenFile checked(Fd fd, int access, const std::string& path) {
  OpenFile open{std::move(fd), {}};
  if (::fstat(open.fd.get(), &open.status) != 0) throwSystem("stat", path);
  if (!S_ISREG(open.status.st_mode)) throwNoFile(path);
  if (access != O_RDONLY) refuseOtherNames(open.status, path);
  return open;
}

}  // namespace

std::optional<OpenFile> openFile(int directory, const std::string& file, int access,
                                 const std::string& path) {
  // O_NONBLOCK: a FIFO in the place of a file must not keep us waiting.
  Fd fd = openBeneath(directory, file, access | O_NONBLOCK);
  if (!fd && isAbsent(errno)) return std::nullopt;
  if (!fd) throwUnopened(path);
  return checked(std::move(fd), access, path);
}

OpenFile openOrMake(int directory, const std::string& file, mode_t mode, const std::string& path) {
  for (;;) {
    if (auto open = openFile(directory, file, O_RDWR, path)) return std::move(*open);
    Fd fd = openBeneath(directory, file, O_RDWR | O_CREAT | O_EXCL, mode);
    if (fd) return checked(std::move(fd), O_RDWR, path);
    if (errno != EEXIST) throwSystem("make", path);  // else somebody made it just now
  }
}

Fd makeAnew(int directory, const std::string& file, mode_t mode, const std::string& path) {
  if (unlinkBeneath(directory, file) != 0 && errno != ENOENT) {
    if (errno == EISDIR) throwNoFile(path);
    throwSystem("remove", path);
  }
  Fd fd = openBeneath(directory, file, O_RDWR | O_CREAT | O_EXCL, mode);
  if (!fd) throwSystem("make", path);
  return fd;
}

Fd openFolder(int directory, const std::string& folder) {
  Fd fd = openBeneath(directory, folder, O_RDONLY | O_DIRECTORY);
  if (!fd && errno == ENOTDIR) throw Error(Code::Corrupt, folder + ": not a directory", ENOTDIR);
  if (!fd && errno != ENOENT) throwSystem("open", folder);
  return fd;
}

Fd openOrMakeFolder(int directory, const std::string& folder, mode_t mode) {
  if (makeFolderBeneath(directory, folder, mode) != 0 && errno != EEXIST)
    throwSystem("mkdir", folder);
  Fd fd = openFolder(directory, folder);
  if (!fd) throwSystem("open", folder);
  return fd;
}

}  // namespace hexpage
