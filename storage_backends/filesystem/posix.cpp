#include "filesystem/posix.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <hexpage/error.hpp>

#include "support/beneath.hpp"
#include "support/uninterrupted.hpp"
#include "support/write_all.hpp"

namespace hexpage {
namespace {

constexpr off_t kMaxFile = off_t{2} << 30;  // no page that hexpage or Node can work with is larger

}  // namespace

std::optional<FileContent> readRegular(int directory, const std::string& file) {
  const auto open = openRegular(directory, file);
  if (!open) return std::nullopt;
  return FileContent{textOf(*open, file), open->status};
}

std::optional<OpenFile> openRegular(int directory, const std::string& file) {
  auto open = openFile(directory, file, O_RDONLY, file);
  if (open && open->status.st_size > kMaxFile)
    throw Error(Code::Corrupt, file + ": larger than 2 GiB");
  return open;
}

std::string textOf(const OpenFile& open, const std::string& file) {
  return readAt(open.fd.get(), 0, static_cast<std::uint64_t>(open.status.st_size), file);
}

std::size_t readInto(std::span<char> bytes, int fd, std::uint64_t offset, const std::string& file) {
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t n = uninterrupted([&] {
      return ::pread(fd, bytes.data() + done, bytes.size() - done,
                     static_cast<off_t>(offset + done));
    });
    if (n < 0) throwSystem("read", file);
    if (n == 0) break;  // shorter than it was a moment ago
    done += static_cast<std::size_t>(n);
  }
  return done;
}

std::string readAt(int fd, std::uint64_t offset, std::uint64_t size, const std::string& file) {
  std::string bytes(size, '\0');
  bytes.resize(readInto(bytes, fd, offset, file));
  return bytes;
}

int syncData(int fd) {
  return uninterrupted([&] { return ::fdatasync(fd); });
}

int syncAll(int fd) {
  return uninterrupted([&] { return ::fsync(fd); });
}

void replaceDurably(int directory, const std::string& file, std::string_view text,
                    const Modes& modes) {
  const std::string next = file + ".new";
  const Fd fd = makeAnew(directory, next, modes.file, next);
  writeAll(fd.get(), text, next);
  if (syncAll(fd.get()) != 0) throwSystem("sync", next);
  if (renameBeneath(directory, next, file) != 0) throwSystem("rename", next);
  syncFolder(directory, parentOf(file));
}

void syncFolder(int directory, const std::string& folder) {
  const std::string name = folder.empty() ? "." : folder;
  const Fd fd = openBeneath(directory, name, O_RDONLY | O_DIRECTORY);
  if (!fd || syncAll(fd.get()) != 0) throwSystem("sync", name);
}

// The last one first, for mostly the others are there. Somebody may remove empty folders meanwhile.
void makeParents(int directory, const std::string& file, const Modes& modes) {
  constexpr int kTries = 10;
  const std::string folder = parentOf(file);
  if (folder.empty()) return;
  for (int tries = 0; tries < kTries; ++tries) {
    if (makeFolderBeneath(directory, folder, modes.directory) == 0 || errno == EEXIST) return;
    if (errno != ENOENT) break;
    makeParents(directory, folder, modes);
  }
  throwSystem("mkdir", folder);
}

// The names of those that are made are synced: no sync of a file would make them durable.
void makeDirectories(const std::string& directory, mode_t mode) {
  if (directory.empty() || ::access(directory.c_str(), F_OK) == 0) return;
  std::string parent = parentOf(directory);
  makeDirectories(parent, mode);
  const bool isMade = ::mkdir(directory.c_str(), mode) == 0;
  if (!isMade && errno != EEXIST) throwSystem("mkdir", directory);
  if (isMade && ::chmod(directory.c_str(), mode) != 0) throwSystem("chmod", directory);
  if (parent.empty()) parent = directory.starts_with('/') ? "/" : ".";
  if (syncAll(openDirectory(parent).get()) != 0) throwSystem("sync", parent);
}

std::string parentOf(const std::string& file) {
  const std::size_t at = file.rfind('/');
  return at == std::string::npos ? "" : file.substr(0, at);
}

}  // namespace hexpage
