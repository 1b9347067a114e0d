#include "filesystem/publication.hpp"

#include <stdio.h>
#include <unistd.h>

#include <cerrno>

#include "filesystem/file_layout.hpp"

namespace hexpage {
namespace {

constexpr int kTries = 10;  // a folder may go while another thread removes it as empty

}  // namespace

Publication::~Publication() {
  for (auto step = steps_.rbegin(); step != steps_.rend(); ++step)
    ::renameat2(directory_, step->from.c_str(), directory_, step->to.c_str(),
                step->exchanged ? RENAME_EXCHANGE : 0);
}

// False when there is no target to change places with.
bool Publication::exchange(const std::string& source, const std::string& target) {
  if (::renameat2(directory_, source.c_str(), directory_, target.c_str(), RENAME_EXCHANGE) == 0) {
    steps_.push_back({target, source, true});
    return true;
  }
  if (errno == ENOENT || errno == ENOTDIR) return false;
  if (errno != EINVAL && errno != ENOSYS) throwSystem("rename", target);
  // A filesystem that can not exchange, as some overlays: keep the old file by a second name.
  const std::string kept = spares_.newName();
  if (::linkat(directory_, target.c_str(), directory_, kept.c_str(), 0) != 0) {
    if (errno == ENOENT) return false;
    throwSystem("link", target);
  }
  if (::renameat(directory_, source.c_str(), directory_, target.c_str()) != 0) {
    spares_.discard(kept);
    throwSystem("rename", target);
  }
  steps_.push_back({kept, target, false});
  steps_.push_back({target, source, false});
  replaced_.push_back({kept, std::nullopt});
  return true;
}

void Publication::moveIn(const std::string& source, const std::string& target) {
  for (int tries = 0;; ++tries) {
    if (::renameat2(directory_, source.c_str(), directory_, target.c_str(), RENAME_NOREPLACE) ==
            0 ||
        (errno == EINVAL &&
         ::renameat(directory_, source.c_str(), directory_, target.c_str()) == 0))
      break;
    if (errno != ENOENT || tries == kTries) throwSystem("rename", target);
    makeParents(directory_, target);
    for (std::string folder = parentOf(target); !folder.empty(); folder = parentOf(folder))
      folders_.insert(parentOf(folder));
  }
  steps_.push_back({target, source, false});
}

void Publication::place(const std::string& spare, const std::string& target, std::size_t size) {
  if (!exchange(spare, target))
    moveIn(spare, target);
  else if (steps_.back().exchanged)
    replaced_.push_back({spare, size});
  folders_.insert(parentOf(target));
}

void Publication::move(const std::string& file, const std::string& target) {
  if (!exchange(file, target))
    moveIn(file, target);
  else if (steps_.back().exchanged)
    remove(file);  // what the target was
  folders_.insert({parentOf(file), parentOf(target)});
  left_.insert(file);
}

void Publication::remove(const std::string& file) {
  const std::string kept = spares_.newName();
  if (::renameat(directory_, file.c_str(), directory_, kept.c_str()) != 0) {
    if (errno == ENOENT || errno == ENOTDIR) return;
    throwSystem("remove", file);
  }
  steps_.push_back({kept, file, false});
  replaced_.push_back({kept, std::nullopt});
  left_.insert(file);
  folders_.insert(parentOf(file));
}

void Publication::syncFolders() {
  for (const std::string& folder : folders_) syncFolder(directory_, folder);
}

void Publication::finish() {
  steps_.clear();
  for (Replaced& replaced : replaced_) {
    if (replaced.size)
      spares_.give(std::move(replaced.file), *replaced.size);
    else
      spares_.discard(replaced.file);
  }
  for (const std::string& file : left_) removeEmptyFolders(file);
}

void Publication::removeEmptyFolders(const std::string& file) {
  if (file.starts_with(kOwnDirectory)) return;
  for (std::string folder = parentOf(file); !folder.empty(); folder = parentOf(folder))
    if (::unlinkat(directory_, folder.c_str(), AT_REMOVEDIR) != 0) return;
}

}  // namespace hexpage
