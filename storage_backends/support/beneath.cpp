#include "support/beneath.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <utility>

namespace hexpage {
namespace {

// The same again when a signal came in between, or when a rename did while links were looked for.
template <class Open>
int opened(Open open) {
  for (int tries = 0;; ++tries) {
    const int fd = open();
    if (fd >= 0 || (errno != EINTR && (errno != EAGAIN || tries == 100))) return fd;
  }
}

int openat2(int root, const std::string& file, int flags, mode_t mode) {
  struct open_how how {};
  how.flags = static_cast<std::uint64_t>(flags | O_CLOEXEC);
  how.mode = mode;
  // Not RESOLVE_NO_XDEV: a part of a store may be a mount of its own.
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  return opened([&] {
    return static_cast<int>(::syscall(SYS_openat2, root, file.c_str(), &how, sizeof how));
  });
}

// The umask has no say in the mode. Only the owner may change it; others find it as it should be.
int setMode(int fd, mode_t mode) {
  constexpr mode_t kRights = 0777;  // the other bits are inherited from the folder
  struct stat status;
  if (::fstat(fd, &status) != 0) return -1;
  if ((status.st_mode & kRights) == mode) return 0;
  return ::fchmod(fd, (status.st_mode & 07000) | mode) == 0 || errno == EPERM ? 0 : -1;
}

Fd withMode(Fd fd, int flags, mode_t mode) {
  if (!fd || (flags & O_CREAT) == 0) return fd;
  return setMode(fd.get(), mode) == 0 ? std::move(fd) : Fd();
}

// A folder on the way; a link in its place is ELOOP, as it is for openat2.
Fd openFolder(int parent, const std::string& name) {
  Fd fd(opened([&] {
    return ::openat(parent, name.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  }));
  if (fd || errno != ENOTDIR) return fd;
  struct stat status;
  const bool isLink =
      ::fstatat(parent, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(status.st_mode);
  errno = isLink ? ELOOP : ENOTDIR;
  return fd;
}

// A name as what *at() calls take: an open folder, and one segment below it.
class Place {
 public:
  Place(int root, const std::string& file) : folder_(root) {
    const std::size_t slash = file.rfind('/');
    name_ = nameIn(file);
    if (slash == std::string::npos) return;
    opened_ = openBeneath(root, file.substr(0, slash), O_PATH | O_DIRECTORY);
    folder_ = opened_.get();
  }

  explicit operator bool() const { return folder_ >= 0 || folder_ == AT_FDCWD; }
  int folder() const { return folder_; }
  const char* name() const { return name_; }

 private:
  Fd opened_;
  int folder_;
  const char* name_;  // within the text given
};

}  // namespace

const char* nameIn(const std::string& file) {
  const std::size_t slash = file.rfind('/');
  return file.c_str() + (slash == std::string::npos ? 0 : slash + 1);
}

int LastFolder::of(const std::string& file) {
  const std::size_t slash = file.rfind('/');
  if (slash == std::string::npos) return root_;
  if (folder_ && file.compare(0, slash, name_) == 0) return folder_.get();
  name_ = file.substr(0, slash);
  folder_ = openBeneath(root_, name_, O_PATH | O_DIRECTORY);
  return folder_.get();
}

bool hasOpenat2() {
  static const bool has = [] {
    const int before = errno;
    const Fd fd(openat2(AT_FDCWD, ".", O_PATH, 0));
    // Whatever else is wrong with the working directory, the call is there.
    const bool isThere = fd || (errno != ENOSYS && errno != EPERM && errno != EINVAL);
    errno = before;
    return isThere;
  }();
  return has;
}

Fd openBeneath(int root, const std::string& file, int flags, mode_t mode) {
  if (!hasOpenat2()) return openBeneathByParts(root, file, flags, mode);
  return withMode(Fd(openat2(root, file, flags, mode)), flags, mode);
}

Fd openBeneathByParts(int root, const std::string& file, int flags, mode_t mode) {
  Fd folder;
  int parent = root;
  std::size_t begin = 0;
  for (std::size_t slash; (slash = file.find('/', begin)) != std::string::npos; begin = slash + 1) {
    folder = openFolder(parent, file.substr(begin, slash - begin));
    if (!folder) return Fd();
    parent = folder.get();
  }
  const std::string name = file.substr(begin);
  if ((flags & (O_DIRECTORY | O_PATH)) == (O_DIRECTORY | O_PATH)) return openFolder(parent, name);
  const int fd =
      opened([&] { return ::openat(parent, name.c_str(), flags | O_NOFOLLOW | O_CLOEXEC, mode); });
  return withMode(Fd(fd), flags, mode);
}

int renameBeneath(int root, const std::string& from, const std::string& to, unsigned flags) {
  const Place source(root, from);
  if (!source) return -1;
  const Place target(root, to);
  if (!target) return -1;
  return ::renameat2(source.folder(), source.name(), target.folder(), target.name(), flags);
}

int linkBeneath(int root, const std::string& file, const std::string& to) {
  const Place source(root, file);
  if (!source) return -1;
  const Place target(root, to);
  if (!target) return -1;
  return ::linkat(source.folder(), source.name(), target.folder(), target.name(), 0);
}

int unlinkBeneath(int root, const std::string& file, int flags) {
  const Place place(root, file);
  return place ? ::unlinkat(place.folder(), place.name(), flags) : -1;
}

int makeFolderBeneath(int root, const std::string& folder, mode_t mode) {
  const Place place(root, folder);
  if (!place || ::mkdirat(place.folder(), place.name(), mode) != 0) return -1;
  const Fd fd = openBeneath(place.folder(), place.name(), O_RDONLY | O_DIRECTORY);
  // With a umask that takes the owner's own rights away it can not even be opened.
  return fd ? setMode(fd.get(), mode) : ::fchmodat(place.folder(), place.name(), mode, 0);
}

int statBeneath(int root, const std::string& file, struct stat& status) {
  const Place place(root, file);
  return place ? ::fstatat(place.folder(), place.name(), &status, AT_SYMLINK_NOFOLLOW) : -1;
}

}  // namespace hexpage
