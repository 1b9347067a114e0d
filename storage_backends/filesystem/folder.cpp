#include "filesystem/folder.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <string_view>

#include "filesystem/posix.hpp"
#include "support/beneath.hpp"

namespace hexpage {
namespace {

using Listing = std::unique_ptr<DIR, int (*)(DIR*)>;

[[noreturn]] void throwUnlisted(const std::string& folder) {
  throwSystem("list", folder.empty() ? "the store's directory" : folder);
}

bool isAbsent(int error) { return error == ENOENT || error == ENOTDIR; }

// Null when there is no such folder.
Listing openListing(int directory, const std::string& folder) {
  Fd fd = openBeneath(directory, folder.empty() ? "." : folder, O_RDONLY | O_DIRECTORY);
  if (!fd && isAbsent(errno)) return Listing(nullptr, ::closedir);
  if (!fd) throwUnlisted(folder);
  const int own = ::fcntl(fd.get(), F_DUPFD_CLOEXEC, 0);
  Listing listing(own < 0 ? nullptr : ::fdopendir(own), ::closedir);
  if (listing) return listing;
  const Fd closing(own);
  throwUnlisted(folder);
}

bool isFolder(int directory, const dirent& entry) {
  if (entry.d_type != DT_UNKNOWN) return entry.d_type == DT_DIR;
  struct stat status;
  return ::fstatat(directory, entry.d_name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
         S_ISDIR(status.st_mode);
}

// The next name but "." and ".."; null at the end.
const dirent* nextIn(DIR* listing, const std::string& folder) {
  for (;;) {
    errno = 0;
    const dirent* const entry = ::readdir(listing);
    if (!entry && errno != 0) throwUnlisted(folder);
    const std::string_view name = entry ? entry->d_name : "";
    if (name != "." && name != "..") return entry;
  }
}

}  // namespace

std::vector<FolderEntry> entriesOf(int directory, const std::string& folder) {
  std::vector<FolderEntry> entries;
  const Listing listing = openListing(directory, folder);
  if (!listing) return entries;
  while (const dirent* const entry = nextIn(listing.get(), folder))
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
