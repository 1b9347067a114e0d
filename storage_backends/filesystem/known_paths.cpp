#include "filesystem/known_paths.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <hexpage/error.hpp>

#include "filesystem/posix.hpp"
#include "support/own_file.hpp"
#include "support/uninterrupted.hpp"

namespace hexpage {
namespace {

const std::string kFile = ".hexpage/paths";

}  // namespace

void KnownPaths::refresh() {
  std::lock_guard guard(mutex_);
  struct stat status;
  if (::fstatat(directory_, kFile.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
    if (errno == ENOENT) return;
    throwSystem("stat", kFile);
  }
  if (static_cast<std::uint64_t>(status.st_size) == readUpTo_) return;
  const auto content = readRegular(directory_, kFile);
  if (!content) return;
  const std::string& text = content->text;
  std::size_t begin = readUpTo_ <= text.size() ? readUpTo_ : 0;
  // A line without an end was cut off by a crash, or is just being written.
  for (std::size_t end; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1)
    if (end > begin) paths_.insert(text.substr(begin, end - begin));
  readUpTo_ = begin;
}

void KnownPaths::add(std::string_view path) {
  std::lock_guard guard(mutex_);
  if (paths_.contains(path)) return;
  append(path);
  paths_.emplace(path);
}

// A line of its own, also behind one that a crash has cut off.
void KnownPaths::append(std::string_view path) {
  const OpenFile file = openOrMake(directory_, kFile, mode_, kFile);
  const int fd = file.fd.get();
  if (::fcntl(fd, F_SETFL, O_APPEND) != 0) throwSystem("open", kFile);
  const auto size = static_cast<std::uint64_t>(file.status.st_size);
  const bool isCutOff = size > 0 && readAt(fd, size - 1, 1, kFile) != "\n";
  const std::string line = (isCutOff ? "\n" : "") + std::string(path) + "\n";
  const ssize_t wrote = uninterrupted([&] { return ::write(fd, line.data(), line.size()); });
  if (wrote < 0) throwSystem("write", kFile);
  if (static_cast<std::size_t>(wrote) < line.size()) append(path);  // what is there is cut off
}

std::vector<std::string> KnownPaths::below(std::string_view root) const {
  std::lock_guard guard(mutex_);
  std::vector<std::string> found;
  for (auto path = root.empty() ? paths_.begin() : paths_.lower_bound(root);
       path != paths_.end() && (root.empty() || isWithin(*path, root)); ++path)
    found.push_back(*path);
  return found;
}

}  // namespace hexpage
