#include "filesystem/spares.hpp"

#include <signal.h>
#include <unistd.h>

#include <hexpage/error.hpp>
#include <new>
#include <utility>

#include "filesystem/file_layout.hpp"
#include "filesystem/folder.hpp"
#include "support/beneath.hpp"
#include "support/uninterrupted.hpp"
#include "support/write_all.hpp"

namespace hexpage {
namespace {

constexpr std::size_t kKept = 64;

std::size_t blocksOf(std::size_t bytes) { return (bytes + 4095) / 4096; }

// A reader without a lock may still have the file open that was there before, and a hard-linked
// backup shares it: both must keep what they have. A write lease is given only when nobody else has
// the file open. Should somebody open it right then, the signal must not be SIGIO, which kills.
bool isOursAlone(int fd, const struct stat& status) {
  if (status.st_nlink != 1) return false;
  if (::fcntl(fd, F_SETSIG, SIGURG) != 0 || ::fcntl(fd, F_SETLEASE, F_WRLCK) != 0) return false;
  return ::fcntl(fd, F_SETLEASE, F_UNLCK) == 0;
}

// Node, or another config, may have made it with another mode; only its owner can change that.
bool hasMode(int fd, const struct stat& status, mode_t mode) {
  return (status.st_mode & 0777) == mode || ::fchmod(fd, mode) == 0;
}

// Opens a spare to write into it, and tells its size; nothing when it is to be left alone.
Fd openReusable(int directory, const std::string& file, mode_t mode, struct stat& status) {
  Fd fd = openBeneath(directory, file, O_WRONLY | O_NONBLOCK);
  const bool isReusable = fd && ::fstat(fd.get(), &status) == 0 && isOursAlone(fd.get(), status) &&
                          hasMode(fd.get(), status, mode);
  return isReusable ? std::move(fd) : Fd();
}

}  // namespace

Spares::Spares(int directory, std::string folder, const Modes& modes)
    : directory_(directory), folder_(std::move(folder)), modes_(modes) {
  makeParents(directory_, folder_ + "/1", modes_);
  empty();
}

Spares::~Spares() {
  for (const auto& [blocks, file] : free_) discard(file);
}

// What a process that was killed has left.
void Spares::empty() {
  for (const FolderEntry& entry : entriesOf(directory_, folder_))
    discard(folder_ + "/" + entry.name);
}

std::string Spares::newName() {
  std::lock_guard guard(mutex_);
  return folder_ + "/" + std::to_string(++lastName_);
}

void Spares::give(const std::string& file, std::size_t size) noexcept {
  try {
    std::lock_guard guard(mutex_);
    if (free_.size() < kKept) {
      free_.emplace(blocksOf(size), file);
      return;
    }
  } catch (const std::bad_alloc&) {  // one less to use again
  }
  discard(file);
}

// Without memory for that it stays until the store is opened again.
void Spares::discard(const std::string& file) noexcept {
  try {
    unlinkBeneath(directory_, file);
  } catch (const std::bad_alloc&) {
  }
}

bool Spares::giveBack() noexcept {
  Free given;
  {
    std::lock_guard guard(mutex_);
    given.swap(free_);
  }
  for (const auto& [blocks, file] : given) discard(file);
  return !given.empty();
}

std::optional<std::string> Spares::take(std::size_t size) {
  std::lock_guard guard(mutex_);
  auto found = free_.find(blocksOf(size));
  if (found == free_.end() && free_.size() == kKept) found = free_.begin();  // all of other sizes
  if (found == free_.end()) return std::nullopt;
  std::string file = std::move(found->second);
  free_.erase(found);
  return file;
}

// A full disk may have room for it once no others are kept.
Spares::Written Spares::write(std::string_view text, const Finish& finish) {
  try {
    return writeOnce(text, finish);
  } catch (const Error& e) {
    if (e.code() != Code::NoSpace || !giveBack()) throw;
  }
  return writeOnce(text, finish);
}

Spares::Written Spares::writeOnce(std::string_view text, const Finish& finish) {
  Written written;
  written.status.st_size = 0;
  Fd fd;
  if (auto spare = take(text.size())) {
    written.file = std::move(*spare);
    fd = openReusable(directory_, written.file, modes_.file, written.status);
    if (!fd) discard(written.file);
  }
  if (!fd) {
    written.file = newName();
    written.status.st_size = 0;
    fd = openBeneath(directory_, written.file, O_WRONLY | O_CREAT | O_EXCL, modes_.file);
    if (!fd) throwSystem("create", written.file);
  }
  try {
    const auto size = static_cast<off_t>(text.size());
    writeAll(fd.get(), text, written.file);
    const auto cut = [&] { return ::ftruncate(fd.get(), size); };
    if (written.status.st_size > size && uninterrupted(cut) != 0)
      throwSystem("truncate", written.file);
    finish(fd.get(), written.file);
    if (::fstat(fd.get(), &written.status) != 0) throwSystem("stat", written.file);
  } catch (...) {
    discard(written.file);
    throw;
  }
  return written;
}

}  // namespace hexpage
