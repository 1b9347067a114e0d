#include "filesystem/folder.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <memory>
#include <string_view>

#include "filesystem/posix.hpp"
#include "support/beneath.hpp"

namespace hexpage {
namespace {

using Listing = std::unique_ptr<DIR, int (*)(DIR*)>;

std::string pathOf(int directory) {
  char path[PATH_MAX];
  const std::string link = "/proc/self/fd/" + std::to_string(directory);
  const ssize_t size = ::readlink(link.c_str(), path, sizeof path);
  return size < 0 ? "the store's directory" : std::string(path, static_cast<std::size_t>(size));
}

[[noreturn]] void throwUnlisted(int directory, const std::string& folder) {
  const int error = errno;
  const std::string name = folder.empty() ? pathOf(directory) : folder;
  errno = error;
  throwSystem("list", name);
}

bool isAbsent(int error) { return error == ENOENT || error == ENOTDIR; }

// Null when there is no such folder.
Listing openListing(int directory, const std::string& folder) {
  Fd fd = openBeneath(directory, folder.empty() ? "." : folder, O_RDONLY | O_DIRECTORY);
  if (!fd && isAbsent(errno)) return Listing(nullptr, ::closedir);
  if (!fd) throwUnlisted(directory, folder);
  const int own = ::fcntl(fd.get(), F_DUPFD_CLOEXEC, 0);
  Listing listing(own < 0 ? nullptr : ::fdopendir(own), ::closedir);
  if (listing) return listing;
  const Fd closing(own);
  throwUnlisted(directory, folder);
}

bool isFolder(int directory, const dirent& entry) {
  if (entry.d_type != DT_UNKNOWN) return entry.d_type == DT_DIR;
  struct stat status;
  return ::fstatat(directory, entry.d_name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
         S_ISDIR(status.st_mode);
}

// The next name but "." and ".."; null at the end.
const dirent* nextIn(int directory, DIR* listing, const std::string& folder) {
  for (;;) {
    errno = 0;
    const dirent* const entry = ::readdir(listing);
    if (!entry && errno != 0) throwUnlisted(directory, folder);
    const std::string_view name = entry ? entry->d_name : "";
    if (name != "." && name != "..") return entry;
  }
}

}  // namespace

std::vector<FolderEntry> entriesOf(int directory, const std::string& folder) {
  std::vector<FolderEntry> entries;
  const Listing listing = openListing(directory, folder);
  if (!listing) return entries;
  while (const dirent* const entry = nextIn(directory, listing.get(), folder))
    entries.push_back({entry->d_name, isFolder(::dirfd(listing.get()), *entry)});
  return entries;
}

void removeFolder(int directory, const std::string& folder) {
  for (const FolderEntry& entry : entriesOf(directory, folder)) {
    const std::string name = folder + "/" + entry.name;
    if (entry.isFolder)
      removeFolder(directory, name);
    else if (unlinkBeneath(directory, name) != 0 && errno != ENOENT)
      throwSystem("remove", name);
  }
  if (unlinkBeneath(directory, folder, AT_REMOVEDIR) != 0 && !isAbsent(errno))
    throwSystem("remove", folder);
}

}  // namespace hexpage
