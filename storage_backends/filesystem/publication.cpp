#include "filesystem/publication.hpp"

#include <stdio.h>
#include <unistd.h>

#include <cerrno>
#include <hexpage/error.hpp>

#include "filesystem/file_layout.hpp"

namespace hexpage {
namespace {

constexpr int kTries = 10;  // a folder may go while another thread removes it as empty

}  // namespace

// As renameBeneath.
int Publication::rename(const std::string& from, const std::string& to, unsigned flags) {
  const int source = sources_.of(from), target = source == -1 ? -1 : targets_.of(to);
  if (target == -1) return -1;
  return ::renameat2(source, nameIn(from), target, nameIn(to), flags);
}

// False when there is no target.
bool Publication::exchange(const std::string& spare, const std::string& target, std::size_t size,
                           const RecordWrite& write) {
  if (rename(spare, target, RENAME_EXCHANGE) == 0) {
    if (!keepIfForeign(spare, target, write)) spares_.give(spare, size);
    return true;
  }
  if (errno == ENOENT || errno == ENOTDIR) return false;
  if (errno != EINVAL && errno != ENOSYS) throwSystem("rename", target);
  // A filesystem that can not exchange, as some overlays: rename over the target.
  if (conflicts_.isForeign(target, write)) conflicts_.keep(target, target);
  return false;
}

// `spare` is what was the target. When it can not be looked at or kept it is the target again.
bool Publication::keepIfForeign(const std::string& spare, const std::string& target,
                                const RecordWrite& write) {
  try {
    if (!conflicts_.isForeign(spare, write)) return false;
    conflicts_.keep(spare, target);
    return true;
  } catch (...) {
    rename(spare, target, RENAME_EXCHANGE);
    throw;
  }
}

// False when there is no such source; with flags, also when they can not be kept to.
bool Publication::moveIn(const std::string& source, const std::string& target, unsigned flags) {
  for (int tries = 0;; ++tries) {
    if (rename(source, target, flags) == 0) return true;
    if (flags != 0 && errno != ENOENT) return false;
    if (errno != ENOENT || tries == kTries) throwSystem("rename", target);
    struct stat status;
    if (statBeneath(directory_, source, status) != 0) return false;
    makeParents(directory_, target, modes_);
    targets_.forget();
  }
}

void Publication::place(const std::string& spare, const std::string& target, std::size_t size,
                        const RecordWrite& write) {
  try {
    if (write.isOfNew() && moveIn(spare, target, RENAME_NOREPLACE)) return;
    if (exchange(spare, target, size, write)) return;
    if (!moveIn(spare, target)) throw Error(Code::Io, "rename " + spare + ": it is gone");
  } catch (...) {
    spares_.discard(spare);
    throw;
  }
}

void Publication::move(const std::string& file, const std::string& target) {
  if (moveIn(file, target)) left_.insert(parentOf(file));
}

void Publication::remove(const std::string& file, const RecordWrite& write) {
  if (conflicts_.isForeign(file, write)) conflicts_.keep(file, file);
  const int folder = targets_.of(file);
  if (folder != -1 && ::unlinkat(folder, nameIn(file), 0) == 0)
    left_.insert(parentOf(file));
  else if (errno != ENOENT && errno != ENOTDIR)
    throwSystem("remove", file);
}

void Publication::removeEmptyFolders() {
  for (const std::string& left : left_) {
    if (left.starts_with(kOwnDirectory)) continue;
    for (std::string folder = left; !folder.empty(); folder = parentOf(folder))
      if (unlinkBeneath(directory_, folder, AT_REMOVEDIR) != 0) break;
  }
}

}  // namespace hexpage
