#include "filesystem/conflicts.hpp"

#include <stdio.h>

#include <algorithm>
#include <cerrno>
#include <hexpage/error.hpp>
#include <optional>

#include "support/beneath.hpp"

namespace hexpage {
namespace {

// The process lacks something now, which says nothing of the file.
bool isOfTheProcess(const Error& error) {
  const int code = error.systemCode();
  return code == ENOMEM || code == EMFILE || code == ENFILE;
}

}  // namespace

Stamp stampOf(const struct stat& status) {
  return {status.st_ino,
          std::int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec,
          static_cast<std::uint64_t>(status.st_size)};
}

// What the disk can not read, its seal tells.
bool Conflicts::holds(const std::string& file, const RecordWrite& write) const {
  const std::string_view text = write.content.view();
  std::optional<OpenFile> open;
  try {
    open = openRegular(directory_, file);
    return open && static_cast<std::uint64_t>(open->status.st_size) == text.size() &&
           textOf(*open, file) == text;
  } catch (const Error& error) {
    if (isOfTheProcess(error)) throw;
    if (!open || !seals_) return false;
    return seals_->check(open->fd.get(), write.path, text, file).state == SealState::Ok;
  }
}

bool Conflicts::isForeign(const std::string& file, const RecordWrite& write) const {
  if (!write.replaces) return false;
  const VersionPtr& seen = *write.replaces;
  if (seen && seen->isPending()) return false;
  struct stat status;
  if (::fstatat(directory_, file.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) return false;
  if (seen && seen->stamp() == stampOf(status)) return false;
  // Else a flush that was stopped has placed it before.
  return write.kind != RecordWrite::Kind::Text || !holds(file, write);
}

// Who made it may have made it for others to read. Left alone when it has another name elsewhere,
// or is another user's.
void Conflicts::takeMode(const std::string& kept) const {
  struct stat status;
  const Fd fd = openBeneath(directory_, kept, O_RDONLY | O_NONBLOCK);
  if (fd && ::fstat(fd.get(), &status) == 0 && S_ISREG(status.st_mode) && status.st_nlink == 1)
    static_cast<void>(::fchmod(fd.get(), modes_.file));
}

void Conflicts::keep(const std::string& file, const std::string& target) const {
  const std::string folder(kConflicts);
  makeParents(directory_, folder + "/1", modes_);
  std::string flat = target;
  std::replace(flat.begin(), flat.end(), '/', '_');
  for (int n = 0;; ++n) {
    const std::string kept = folder + "/" + flat + (n ? "." + std::to_string(n) : "");
    if (renameBeneath(directory_, file, kept, RENAME_NOREPLACE) == 0) return takeMode(kept);
    if (errno != EEXIST) throwSystem("keep aside", target);
  }
}

}  // namespace hexpage
