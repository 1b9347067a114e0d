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

// False when there is no target.
bool Publication::exchange(const std::string& spare, const std::string& target, std::size_t size,
                           const RecordWrite& write) {
  if (::renameat2(directory_, spare.c_str(), directory_, target.c_str(), RENAME_EXCHANGE) == 0) {
    if (conflicts_.isForeign(spare, write))
      keepReplaced(spare, target);
    else
      spares_.give(spare, size);
    return true;
  }
  if (errno == ENOENT || errno == ENOTDIR) return false;
  if (errno != EINVAL && errno != ENOSYS) throwSystem("rename", target);
  // A filesystem that can not exchange, as some overlays: rename over the target.
  if (conflicts_.isForeign(target, write)) conflicts_.keep(target, target);
  return false;
}

// `spare` is what was the target. When it can not be kept it is the target again.
void Publication::keepReplaced(const std::string& spare, const std::string& target) {
  try {
    conflicts_.keep(spare, target);
  } catch (const Error&) {
    ::renameat2(directory_, spare.c_str(), directory_, target.c_str(), RENAME_EXCHANGE);
    throw;
  }
}

// False when there is no such source.
bool Publication::moveIn(const std::string& source, const std::string& target) {
  for (int tries = 0;; ++tries) {
    if (::renameat(directory_, source.c_str(), directory_, target.c_str()) == 0) return true;
    if (errno != ENOENT || tries == kTries) throwSystem("rename", target);
    if (::faccessat(directory_, source.c_str(), F_OK, AT_SYMLINK_NOFOLLOW) != 0) return false;
    makeParents(directory_, target, modes_);
  }
}

void Publication::place(const std::string& spare, const std::string& target, std::size_t size,
                        const RecordWrite& write) {
  try {
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
  if (::unlinkat(directory_, file.c_str(), 0) == 0)
    left_.insert(parentOf(file));
  else if (errno != ENOENT && errno != ENOTDIR)
    throwSystem("remove", file);
}

void Publication::removeEmptyFolders() {
  for (const std::string& left : left_) {
    if (left.starts_with(kOwnDirectory)) continue;
    for (std::string folder = left; !folder.empty(); folder = parentOf(folder))
      if (::unlinkat(directory_, folder.c_str(), AT_REMOVEDIR) != 0) break;
  }
}

}  // namespace hexpage
