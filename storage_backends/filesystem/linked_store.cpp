#include "filesystem/linked_store.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <hexpage/error.hpp>
#include <utility>

#include "filesystem/folder.hpp"
#include "filesystem/posix.hpp"
#include "support/digest.hpp"
#include "support/write_all.hpp"

namespace hexpage {
namespace {

const std::string kSnapshots = std::string(kOwnDirectory) + "/snapshots";
const std::string kPathsFile = std::string(kOwnDirectory) + "/paths";

struct NoLinks {};

Fd openThere(int directory, const std::string& folder) {
  Fd fd = openFolder(directory, folder);
  if (!fd) throwSystem("open", folder);
  return fd;
}

// What a record's file is called among the links: the same, or one of 256 folders and a digest of
// the name where that tells no path. The MD5 layout has some three folders for each file, which
// would cost more to make than the links.
std::string linkOf(const FileLayout& layout, const std::string& file) {
  if (layout.rawFilePaths) return file;
  const std::string digest = Digest::of(file).hex();
  return digest.substr(0, 2) + "/" + digest.substr(2);
}

class Linker {
 public:
  Linker(const FileLayout& layout, int links, const Modes& modes)
      : layout_(layout), links_(links), modes_(modes) {}

  // All records below a folder; not what is hexpage's own, nor what only others know. `prefix` is
  // the folder's name in front of a file's.
  void linkFolder(int folder, const std::string& prefix) const {
    for (const auto& [name, isFolder] : entriesOf(folder, "")) {
      if (name.starts_with('.')) continue;
      if (isFolder)
        linkFolder(openThere(folder, name).get(), prefix + name + "/");
      else if (name.ends_with(".json"))
        link(folder, name, prefix + name);
    }
  }

  // Where file names do not tell paths. A copy: the list is written on, which no file with two
  // names is.
  void copyPaths(int store) const {
    const auto paths = readRegular(store, kPathsFile);
    if (!paths) return;
    makeParents(links_, kPathsFile, modes_);
    const Fd copy = makeAnew(links_, kPathsFile, modes_.file, kPathsFile);
    writeAll(copy.get(), paths->text, kPathsFile);
  }

 private:
  void link(int folder, const std::string& name, const std::string& file) const {
    linkAs(folder, name, linkOf(layout_, file));
  }

  void linkAs(int folder, const std::string& name, const std::string& as) const {
    int result = ::linkat(folder, name.c_str(), links_, as.c_str(), 0);
    if (result != 0 && errno == ENOENT) {
      makeParents(links_, as, modes_);
      result = ::linkat(folder, name.c_str(), links_, as.c_str(), 0);
    }
    if (result == 0) return;
    if (errno == EPERM || errno == EOPNOTSUPP || errno == EMLINK || errno == EXDEV) throw NoLinks();
    throwSystem("link", as);
  }

  const FileLayout& layout_;
  const int links_;
  const Modes modes_;
};

[[noreturn]] void refuseChange() {
  throw Error(Code::ReadOnly, "a snapshot of a store can not be changed");
}

// Swallows what can not be removed: the next process does it.
void removeAll(int directory, const std::string& folder) noexcept {
  try {
    removeFolder(directory, folder);
  } catch (const std::exception&) {
  }
}

}  // namespace

std::string LinkedStore::folderOf(const std::string& place) { return kSnapshots + "/" + place; }

void LinkedStore::removeLeft(int directory, const std::string& place) {
  removeAll(directory, folderOf(place));
}

std::unique_ptr<LinkedStore> LinkedStore::make(int directory, FileStoreOptions options,
                                               const std::string& folder) {
  const Modes modes = options.modes;
  makeParents(directory, folder + "/1", modes);
  options.baseDir += "/" + folder;
  options.spares.clear();
  std::unique_ptr<LinkedStore> links(new LinkedStore(directory, folder, std::move(options)));
  try {
    const Linker linker(links->layout_, links->directory_.get(), modes);
    linker.copyPaths(directory);
    linker.linkFolder(directory, "");
  } catch (const NoLinks&) {
    return nullptr;
  }
  return links;
}

LinkedStore::LinkedStore(int store, const std::string& folder, FileStoreOptions options)
    : store_(openThere(store, ".")),
      folder_(folder),
      layout_(options.layout),
      directory_(openThere(store, folder)),
      files_(directory_.get(), std::move(options)) {}

LinkedStore::~LinkedStore() {
  if (!forked_.isChild()) removeAll(store_.get(), folder_);
}

std::optional<StoredRecord> LinkedStore::read(std::string_view path) {
  auto content = files_.read(path, linkOf(layout_, fileOf(path)));
  if (!content) return std::nullopt;
  return StoredRecord{std::move(content->text), std::make_shared<const Version>(Stamp{}),
                      content->children};
}

std::optional<CheckedRecord> LinkedStore::readChecked(std::string_view path) {
  return files_.readChecked(path, linkOf(layout_, fileOf(path)));
}

std::optional<std::uint64_t> LinkedStore::size(std::string_view path) {
  const auto open = openRegular(directory_.get(), linkOf(layout_, fileOf(path)));
  return open ? std::optional<std::uint64_t>(open->status.st_size) : std::nullopt;
}

Committed LinkedStore::commit(std::vector<RecordWrite>, const Origin&) { refuseChange(); }

void LinkedStore::seal(std::string_view, Children) { refuseChange(); }

std::string LinkedStore::quarantine(const std::string&, Aside) { refuseChange(); }

void LinkedStore::walk(std::string_view root, std::string_view after,
                       const std::function<Walk(std::string_view path)>& visit) {
  files_.walk(root, after, visit);
}

}  // namespace hexpage
