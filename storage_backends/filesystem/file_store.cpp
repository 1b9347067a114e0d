#include "filesystem/file_store.hpp"

#include <stdio.h>
#include <unistd.h>

#include <algorithm>
#include <boost/filesystem.hpp>
#include <cerrno>
#include <hexpage/error.hpp>
#include <map>

#include "filesystem/publication.hpp"
#include "filesystem/store_lock.hpp"

namespace hexpage {
namespace {

namespace fs = boost::filesystem;

constexpr std::string_view kEnding = ".json";

Stamp stampOf(const struct stat& status) {
  return {status.st_ino,
          std::int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec,
          static_cast<std::uint64_t>(status.st_size)};
}

Fd openDirectory(const std::string& baseDir) {
  boost::system::error_code error;
  fs::create_directories(baseDir, error);
  Fd fd(::open(baseDir.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) throwSystem("open", baseDir);
  return fd;
}

void removeFolder(const std::string& folder) {
  boost::system::error_code error;
  fs::remove_all(folder, error);
  if (error) throw Error(Code::Io, "remove " + folder + ": " + error.message(), error.value());
}

// What one name of a folder stands for: a record, a folder with more below it, or both.
struct Name {
  bool isRecord = false;
  bool isFolder = false;
};

std::map<std::string, Name> namesIn(const std::string& folder) {
  std::map<std::string, Name> names;
  boost::system::error_code error;
  fs::directory_iterator entry(folder, error), end;
  for (; !error && entry != end; entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (name.starts_with('.')) continue;
    if (fs::is_directory(entry->symlink_status()))
      names[name].isFolder = true;
    else if (name.ends_with(kEnding))
      names[name.substr(0, name.size() - kEnding.size())].isRecord = true;
  }
  if (error && error != boost::system::errc::no_such_file_or_directory &&
      error != boost::system::errc::not_a_directory)
    throw Error(Code::Io, "list " + folder + ": " + error.message(), error.value());
  return names;
}

}  // namespace

FileStore::FileStore(const FileStoreOptions& options)
    : options_(options), directory_(openDirectory(options.baseDir)) {
  checkLayout(options_.baseDir, options_.layout);
  const std::string own = options_.baseDir + "/" + std::string(kOwnDirectory);
  makeParents(directory_.get(), std::string(kOwnDirectory) + "/lock");
  lock_ = lockStore(directory_.get(), options_.baseDir, options_.lockTimeout);
  recordLayout();
  // What a process that was killed has left.
  removeFolder(own + "/spares");
  removeFolder(options_.baseDir + "/" + std::string(kHiddenDirectory));
  spares_ = std::make_unique<Spares>(directory_.get());
  if (!tellsPaths()) paths_ = std::make_unique<KnownPaths>(directory_.get(), options_.syncs);
}

void FileStore::recordLayout() {
  const std::string file = std::string(kOwnDirectory) + "/layout.json";
  if (::faccessat(directory_.get(), file.c_str(), F_OK, 0) == 0) return;
  Json layout = {{"format", 1}};
  layout.update(options_.layout.toJson());
  layout["lower_case_keys"] = options_.layout.lowerCaseKeys;
  replaceDurably(directory_.get(), file, layout.dump() + "\n");
}

std::optional<StoredRecord> FileStore::read(std::string_view path) {
  auto content = readRegular(directory_.get(), fileOf(path));
  if (!content) return std::nullopt;
  return StoredRecord{std::move(content->text), stampOf(content->status)};
}

std::optional<Stamp> FileStore::stamp(std::string_view path) {
  const std::string file = fileOf(path);
  struct stat status;
  if (::fstatat(directory_.get(), file.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0)
    return stampOf(status);
  if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
  throwSystem("stat", file);
}

std::vector<Stamp> FileStore::commit(std::span<const RecordWrite> writes) {
  if (syncFailed_)
    throw Error(Code::ReadOnly, options_.baseDir +
                                    ": an earlier sync failed, so what is on disk is not known; "
                                    "open the store anew");
  std::vector<Stamp> stamps(writes.size());
  std::vector<std::string> spares(writes.size());
  try {
    for (std::size_t i = 0; i < writes.size(); ++i) {  // (1)
      if (writes[i].kind != RecordWrite::Kind::Text) continue;
      Spares::Written written = spares_->write(writes[i].content, options_.syncs);
      spares[i] = std::move(written.file);
      stamps[i] = stampOf(written.status);
    }
    for (const RecordWrite& write : writes)
      if (write.isNamed && write.kind != RecordWrite::Kind::Removal) remember(write.path);
    Publication publication(directory_.get(), *spares_);
    for (std::size_t i = 0; i < writes.size(); ++i) {  // (2)
      const std::string target = fileOf(writes[i].path);
      switch (writes[i].kind) {
        case RecordWrite::Kind::Text:
          publication.place(spares[i], target, writes[i].content.size());
          break;
        case RecordWrite::Kind::Move:
          publication.move(fileOf(writes[i].content), target);
          break;
        case RecordWrite::Kind::Removal:
          publication.remove(target);
          break;
      }
    }
    if (options_.syncs) syncFolders(publication);  // (3)
    publication.finish();
  } catch (...) {
    for (const std::string& spare : spares)
      if (!spare.empty()) spares_->discard(spare);
    throw;
  }
  if (paths_)
    for (const RecordWrite& write : writes) {
      if (write.kind == RecordWrite::Kind::Removal) paths_->remove(write.path);
      if (write.kind == RecordWrite::Kind::Move) paths_->remove(write.content);
    }
  return stamps;
}

void FileStore::syncFolders(Publication& publication) {
  try {
    publication.syncFolders();
  } catch (...) {
    syncFailed_ = true;
    throw;
  }
}

void FileStore::sync() {
  if (::syncfs(directory_.get()) == 0) return;
  syncFailed_ = true;
  throwSystem("sync", options_.baseDir);
}

void FileStore::remember(std::string_view path) {
  if (paths_ && !isHidden(path)) paths_->add(path);
}

// --- what there is ---

void FileStore::walk(std::string_view root, std::string_view after,
                     const std::function<Walk(std::string_view path)>& visit) {
  if (paths_ && !isHidden(root)) {
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
                           const std::function<Walk(std::string_view path)>& visit) {
  const std::string inner =
      isHidden(path) ? std::string(kHiddenDirectory) + "/" + path.substr(1) : path;
  for (const auto& [name, what] : namesIn(options_.baseDir + (inner.empty() ? "" : "/") + inner)) {
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

std::vector<std::string> FileStore::files() {
  std::vector<std::string> files;
  addFiles("", files);
  std::sort(files.begin(), files.end());
  return files;
}

// A folder may go while this looks.
void FileStore::addFiles(const std::string& folder, std::vector<std::string>& files) {
  boost::system::error_code error;
  fs::directory_iterator entry(options_.baseDir + "/" + folder, error), end;
  for (; !error && entry != end; entry.increment(error)) {
    const std::string name = folder + entry->path().filename().string();
    boost::system::error_code gone;
    if (fs::is_directory(entry->symlink_status(gone)))
      addFiles(name + "/", files);
    else
      files.push_back(name);
  }
  if (error && error != boost::system::errc::no_such_file_or_directory)
    throw Error(Code::Io, "list " + options_.baseDir + "/" + folder + ": " + error.message(),
                error.value());
}

std::string FileStore::readFile(const std::string& file) {
  auto content = readRegular(directory_.get(), file);
  if (!content) throw Error(Code::Io, file + " is gone");
  return std::move(content->text);
}

std::string FileStore::quarantine(const std::string& file, Aside aside) {
  const std::string folder = std::string(kOwnDirectory) + "/quarantine";
  makeParents(directory_.get(), folder + "/1");
  std::string flat = file;
  std::replace(flat.begin(), flat.end(), '/', '_');
  for (int n = 0;; ++n) {
    const std::string target = folder + "/" + flat + (n ? "." + std::to_string(n) : "");
    if (::faccessat(directory_.get(), target.c_str(), F_OK, AT_SYMLINK_NOFOLLOW) == 0) continue;
    if (aside == Aside::Move) {
      if (::renameat(directory_.get(), file.c_str(), directory_.get(), target.c_str()) != 0)
        throwSystem("move aside", file);
    } else {
      const Fd fd(::openat(directory_.get(), target.c_str(),
                           O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
      if (!fd) throwSystem("create", target);
      writeAll(fd.get(), readFile(file), target);
    }
    return target;
  }
}

}  // namespace hexpage
