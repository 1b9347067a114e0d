#include "filesystem/known_paths.hpp"

#include <unistd.h>

#include <hexpage/error.hpp>
#include <sstream>

#include "filesystem/posix.hpp"

namespace hexpage {
namespace {

const std::string kFile = ".hexpage/paths";

}  // namespace

KnownPaths::KnownPaths(int directory, bool syncs) : directory_(directory), syncs_(syncs) {
  const auto content = readRegular(directory_, kFile);
  if (!content) return;
  std::istringstream lines(content->text);
  for (std::string path; std::getline(lines, path);)
    if (!path.empty()) paths_.insert(path);
}

KnownPaths::~KnownPaths() {
  if (!hasRemoved_) return;
  try {
    rewrite();
  } catch (const Error&) {  // the old list stays, with some paths that have no record
  }
}

void KnownPaths::rewrite() const {
  std::string text;
  for (const std::string& path : paths_) (text += path) += '\n';
  replaceDurably(directory_, kFile, text);
}

void KnownPaths::add(std::string_view path) {
  std::lock_guard guard(mutex_);
  if (paths_.contains(path)) return;
  const Fd fd(::openat(directory_, kFile.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666));
  if (!fd) throwSystem("open", kFile);
  const std::string line = std::string(path) + "\n";
  if (::write(fd.get(), line.data(), line.size()) != static_cast<ssize_t>(line.size()))
    throwSystem("write", kFile);
  if (syncs_ && ::fsync(fd.get()) != 0) throwSystem("sync", kFile);
  paths_.emplace(path);
}

void KnownPaths::remove(std::string_view path) {
  std::lock_guard guard(mutex_);
  const auto found = paths_.find(path);
  if (found == paths_.end()) return;
  paths_.erase(found);
  hasRemoved_ = true;
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
