#include "filesystem/file_store.hpp"

#include <stdio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <hexpage/error.hpp>
#include <map>

#include "filesystem/conflicts.hpp"
#include "filesystem/folder.hpp"
#include "filesystem/publication.hpp"
#include "support/beneath.hpp"
#include "support/uninterrupted.hpp"
#include "support/write_all.hpp"

namespace hexpage {
namespace {

constexpr std::string_view kEnding = ".json";
const std::string kQuarantine = ".hexpage/quarantine/";

// Of what is below the path, relative to the store.
std::string folderOf(const std::string& path) {
  if (!isHidden(path)) return path;
  std::string folder(kHiddenDirectory);
  folder += '/';
  return folder.append(path, 1);
}

// What one name of a folder stands for: a record, a folder with more below it, or both.
struct Name {
  bool isRecord = false;
  bool isFolder = false;
};

std::map<std::string, Name> namesIn(int directory, const std::string& folder) {
  std::map<std::string, Name> names;
  for (const auto& [name, isFolder] : entriesOf(directory, folder)) {
    if (name.starts_with('.')) continue;
    if (isFolder)
      names[name].isFolder = true;
    else if (name.ends_with(kEnding))
      names[name.substr(0, name.size() - kEnding.size())].isRecord = true;
  }
  return names;
}

// Any folder of the filesystem tells.
std::string sealedFolder(const FileStoreOptions& options) {
  return options.spares.empty() ? "." : options.spares;
}

}  // namespace

FileStore::FileStore(int directory, FileStoreOptions options)
    : directory_(directory),
      options_(std::move(options)),
      spares_(options_.spares.empty()
                  ? nullptr
                  : std::make_unique<Spares>(directory, options_.spares, options_.modes)),
      seals_(options_.store),
      hasSeals_(options_.checksums != false && canSeal(directory, sealedFolder(options_))) {
  if (options_.checksums == true && !hasSeals_)
    throw Error(Code::InvalidArgument,
                options_.baseDir + ": its filesystem has no extended attributes, which " +
                    "filesystem.checksums needs; leave it out, or set it to false");
  if (!tellsPaths()) paths_ = std::make_unique<KnownPaths>(directory_, options_.modes.file);
}

// --- files and their seals ---

std::optional<FileStore::Content> FileStore::read(std::string_view path,
                                                  const std::string& file) const {
  if (!hasSeals_) {
    auto content = readRegular(directory_, file);
    if (!content) return std::nullopt;
    return Content{std::move(content->text), stampOf(content->status), std::nullopt};
  }
  auto content = readSealed(directory_, file, path, seals_);
  if (!content) return std::nullopt;
  if (content->seal.state == SealState::Damaged) refuseDamaged(fileOf(path));
  return Content{std::move(content->text), stampOf(content->status), content->seal.children};
}

std::optional<CheckedRecord> FileStore::readChecked(std::string_view path,
                                                    const std::string& file) const {
  auto content = readSealed(directory_, file, path, seals_);
  if (!content) return std::nullopt;
  CheckedRecord record{std::move(content->text)};
  if (!hasSeals_) return record;
  record.seal = content->seal.state;
  record.children = content->seal.children;
  return record;
}

void FileStore::seal(std::string_view path, Children children) const {
  const std::string file = fileOf(path);
  const auto open = openRegular(directory_, file);
  if (!open) throw Error(Code::Io, file + " is gone");
  seals_.write(open->fd.get(), path, textOf(*open, file), children, file);
}

// Without checksums a spare may still have the seal of what it was.
void FileStore::seal(int fd, const RecordWrite& write, const std::string& file) const {
  if (hasSeals_)
    seals_.write(fd, write.path, write.content.view(), write.children, file);
  else
    Seals::remove(fd, file);
}

// A file that is gone was moved before, perhaps without its seal. One that has another link, in a
// backup or a snapshot, keeps what it has: a copy of it is moved.
void FileStore::move(const RecordWrite& write, Publication& publication) {
  const std::string_view from = write.content.view();
  const std::string source = fileOf(from), target = fileOf(write.path);
  auto file = openRegular(directory_, source);
  const bool isShared = file && file->status.st_nlink > 1;
  if (!isShared) {
    if (!file) file = openRegular(directory_, target);
    if (file) seals_.move(file->fd.get(), file->fd.get(), from, write.path, source);
    return publication.move(source, target);
  }
  const std::string text = textOf(*file, source);
  const Spares::Written copy = spares_->write(text, [&](int fd, const std::string&) {
    seals_.move(file->fd.get(), fd, from, write.path, source);
  });
  publication.place(copy.file, target, text.size(), write);
  publication.remove(source, write);
}

std::optional<Stamp> FileStore::stamp(std::string_view path) const {
  const std::string file = fileOf(path);
  struct stat status;
  if (::fstatat(directory_, file.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0)
    return stampOf(status);
  if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
  throwSystem("stat", file);
}

std::vector<Stamp> FileStore::place(std::span<const RecordWrite> writes) {
  std::vector<Stamp> stamps(writes.size());
  Publication publication(directory_, *spares_, options_.modes, hasSeals_ ? &seals_ : nullptr);
  for (std::size_t i = 0; i < writes.size(); ++i) {
    const RecordWrite& write = writes[i];
    if (write.isNamed && write.kind != RecordWrite::Kind::Removal) remember(write.path);
    const std::string target = fileOf(write.path);
    switch (write.kind) {
      case RecordWrite::Kind::Text: {
        Spares::Written spare = spares_->write(
            write.content.view(), [&](int fd, const std::string& file) { seal(fd, write, file); });
        stamps[i] = stampOf(spare.status);
        publication.place(spare.file, target, write.content.size(), write);
        break;
      }
      case RecordWrite::Kind::Move:
        move(write, publication);
        break;
      case RecordWrite::Kind::Removal:
        publication.remove(target, write);
        break;
    }
  }
  publication.removeEmptyFolders();
  return stamps;
}

void FileStore::keepForeign(const RecordWrite& write) const {
  const Conflicts conflicts(directory_, options_.modes, hasSeals_ ? &seals_ : nullptr);
  const std::string file = fileOf(write.path);
  if (conflicts.isForeign(file, write)) conflicts.keep(file, file);
}

void FileStore::sync() {
  if (uninterrupted([&] { return ::syncfs(directory_); }) != 0)
    throwSystem("sync", options_.baseDir);
}

void FileStore::remember(std::string_view path) {
  if (paths_ && !isHidden(path)) paths_->add(path);
}

// --- what there is ---

void FileStore::walk(std::string_view root, std::string_view after,
                     const std::function<Walk(std::string_view path)>& visit) const {
  if (paths_ && !isHidden(root)) {
    paths_->refresh();
    for (const std::string& path : paths_->below(root)) {
      if (!after.empty() && !pathLess(after, path)) continue;
      if (visit(path) == Walk::Stop) return;
    }
    return;
  }
  Walk next = Walk::On;
  if (!root.empty() && stamp(root)) next = visit(root);
  if (next != Walk::Stop) walkFolder(std::string(root), next == Walk::SkipPages, after, visit);
}

// Visits what is below the path. False when it is to stop.
bool FileStore::walkFolder(const std::string& path, bool skipsPages, std::string_view after,
                           const std::function<Walk(std::string_view path)>& visit) const {
  for (const auto& [name, what] : namesIn(directory_, folderOf(path))) {
    if (skipsPages && name == kPages.substr(1)) continue;
    const std::string each = path.empty() ? name : path + "/" + name;
    // Also those that `after` is below: what they are decides where their pages are.
    const bool isDue = after.empty() || pathLess(after, each) || isWithin(after, each);
    if (!isDue) continue;
    const Walk next = what.isRecord ? visit(each) : Walk::On;
    if (next == Walk::Stop) return false;
    if (what.isFolder && !walkFolder(each, next == Walk::SkipPages, after, visit)) return false;
  }
  return true;
}

std::vector<std::string> FileStore::files(std::string_view folder) const {
  std::vector<std::string> files;
  addFiles(std::string(folder), files);
  std::sort(files.begin(), files.end());
  return files;
}

// A folder may go while this looks.
void FileStore::addFiles(const std::string& folder, std::vector<std::string>& files) const {
  for (const auto& [name, isFolder] : entriesOf(directory_, folder)) {
    if (isFolder)
      addFiles(folder + name + "/", files);
    else
      files.push_back(folder + name);
  }
}

std::string FileStore::readFile(const std::string& file) const {
  auto content = readRegular(directory_, file);
  if (!content) throw Error(Code::Io, file + " is gone");
  return std::move(content->text);
}

std::string FileStore::quarantine(const std::string& file, RecordStore::Aside aside) {
  makeParents(directory_, kQuarantine + "1", options_.modes);
  std::string flat = file;
  std::replace(flat.begin(), flat.end(), '/', '_');
  for (int n = 0;; ++n) {
    std::string target = kQuarantine + flat + (n ? "." + std::to_string(n) : "");
    if (::faccessat(directory_, target.c_str(), F_OK, AT_SYMLINK_NOFOLLOW) == 0) continue;
    if (aside == RecordStore::Aside::Move) {
      if (renameBeneath(directory_, file, target) != 0) throwSystem("move aside", file);
    } else {
      const Fd fd =
          openBeneath(directory_, target, O_WRONLY | O_CREAT | O_EXCL, options_.modes.file);
      if (!fd) throwSystem("create", target);
      writeAll(fd.get(), readFile(file), target);
    }
    return target;
  }
}

}  // namespace hexpage
