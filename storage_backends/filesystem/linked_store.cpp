#include "filesystem/linked_store.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <boost/filesystem.hpp>
#include <cerrno>
#include <hexpage/error.hpp>
#include <utility>

#include "filesystem/posix.hpp"

namespace hexpage {
namespace {

namespace fs = boost::filesystem;

const std::string kSnapshots = std::string(kOwnDirectory) + "/snapshots";
const std::string kPathsFile = std::string(kOwnDirectory) + "/paths";

struct NoLinks {};

Fd openFolder(int directory, const std::string& name) {
  Fd fd(::openat(directory, name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
  if (!fd) throwSystem("open", name);
  return fd;
}

bool isFolder(int directory, const dirent& entry) {
  if (entry.d_type != DT_UNKNOWN) return entry.d_type == DT_DIR;
  struct stat status;
  return ::fstatat(directory, entry.d_name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
         S_ISDIR(status.st_mode);
}

void linkFile(int from, int to, const std::string& name) {
  if (::linkat(from, name.c_str(), to, name.c_str(), 0) == 0) return;
  if (errno == EPERM || errno == EOPNOTSUPP || errno == EMLINK || errno == EXDEV) throw NoLinks();
  throwSystem("link", name);
}

// All records below a folder; not what is hexpage's own, nor what only others know.
void linkFolder(int from, int to) {
  // One with a position of its own.
  const int own = ::openat(from, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const std::unique_ptr<DIR, int (*)(DIR*)> listing(own < 0 ? nullptr : ::fdopendir(own),
                                                    ::closedir);
  if (!listing) {
    const Fd closing(own);
    throwSystem("list", "a folder of the store");
  }
  errno = 0;
  while (const dirent* const entry = ::readdir(listing.get())) {
    const std::string name = entry->d_name;
    if (name.starts_with('.')) continue;
    if (isFolder(from, *entry)) {
      if (::mkdirat(to, name.c_str(), 0700) != 0) throwSystem("mkdir", name);
      linkFolder(openFolder(from, name).get(), openFolder(to, name).get());
    } else if (name.ends_with(".json")) {
      linkFile(from, to, name);
    }
    errno = 0;
  }
  if (errno != 0) throwSystem("list", "a folder of the store");
}

// Where file names do not tell paths.
void linkPaths(int from, int to) {
  if (::faccessat(from, kPathsFile.c_str(), F_OK, AT_SYMLINK_NOFOLLOW) != 0) return;
  makeParents(to, kPathsFile);
  linkFile(from, to, kPathsFile);
}

[[noreturn]] void refuseChange() {
  throw Error(Code::ReadOnly, "a snapshot of a store can not be changed");
}

// Swallows what can not be removed: the next process does it.
void removeAll(const std::string& folder) {
  boost::system::error_code ignored;
  fs::remove_all(folder, ignored);
}

}  // namespace

std::string LinkedStore::folderOf(const std::string& place) { return kSnapshots + "/" + place; }

void LinkedStore::removeLeft(const std::string& baseDir, const std::string& place) {
  removeAll(baseDir + "/" + folderOf(place));
}

std::unique_ptr<LinkedStore> LinkedStore::make(int directory, const std::string& baseDir,
                                               const FileLayout& layout,
                                               const std::string& folder) {
  makeParents(directory, folder + "/1");
  std::unique_ptr<LinkedStore> links(
      new LinkedStore(baseDir + "/" + folder, layout, openFolder(directory, folder)));
  try {
    linkPaths(directory, links->directory_.get());
    linkFolder(directory, links->directory_.get());
  } catch (const NoLinks&) {
    return nullptr;
  }
  return links;
}

LinkedStore::LinkedStore(std::string baseDir, const FileLayout& layout, Fd directory)
    : baseDir_(std::move(baseDir)),
      directory_(std::move(directory)),
      files_(directory_.get(), baseDir_, layout, std::string(kOwnDirectory) + "/spares") {}

LinkedStore::~LinkedStore() {
  if (!forked_.isChild()) removeAll(baseDir_);
}

std::optional<StoredRecord> LinkedStore::read(std::string_view path) {
  auto content = files_.read(path);
  if (!content) return std::nullopt;
  return StoredRecord{std::move(content->text), std::make_shared<const Version>(content->stamp)};
}

std::optional<std::uint64_t> LinkedStore::size(std::string_view path) {
  const auto stamp = files_.stamp(path);
  return stamp ? std::optional(stamp->size) : std::nullopt;
}

Committed LinkedStore::commit(std::vector<RecordWrite>, const Batch*) { refuseChange(); }

std::string LinkedStore::quarantine(const std::string&, Aside) { refuseChange(); }

void LinkedStore::walk(std::string_view root, std::string_view after,
                       const std::function<Walk(std::string_view path)>& visit) {
  files_.walk(root, after, visit);
}

}  // namespace hexpage
