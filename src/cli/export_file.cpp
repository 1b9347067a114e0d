#include "src/cli/export_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <hexpage/error.hpp>
#include <utility>

namespace hexpage::cli {
namespace {

// A pipe or a device is written to directly; what is not there becomes a regular file.
bool isRegularOrAbsent(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) != 0 || S_ISREG(status.st_mode);
}

[[noreturn]] void throwSystem(const std::string& what) {
  throw Error(Code::Io, what + ": " + std::strerror(errno));
}

// For its owner alone, as the store itself is: what is exported is what the store holds. The umask
// may have taken even the owner's rights.
int createNew(const std::string& file) {
  constexpr mode_t kOwnersAlone = 0600;
  const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kOwnersAlone);
  if (fd >= 0) ::fchmod(fd, kOwnersAlone);  // a filesystem without rights may refuse
  return fd;
}

// So that the name survives a loss of power as well.
void syncFolderOf(const std::string& file) {
  const auto folder = std::filesystem::path(file).parent_path();
  const Descriptor directory(
      ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  const bool isSynced = directory.get() >= 0 && ::fsync(directory.get()) == 0;
  if (!isSynced && errno != EINVAL) throwSystem("sync the folder of " + file);
}

}  // namespace

ExportFile::ExportFile(const std::string& path) : path_(path) {
  if (isRegularOrAbsent(path))
    openPart();
  else
    file_.emplace(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (file_->get() < 0) throwSystem("open " + path_);
  output_.emplace(file_->get(), path_);
}

ExportFile::~ExportFile() {
  // Best effort: the export failed and said so.
  if (!part_.empty()) ::unlink(part_.c_str());
}

// A name that nobody uses, whoever else's files lie there.
void ExportFile::openPart() {
  const std::string stem = path_ + "." + std::to_string(::getpid()) + ".";
  int descriptor = -1;
  std::string name;
  for (unsigned attempt = 0; descriptor < 0; ++attempt) {
    name = stem + std::to_string(attempt) + ".part";
    descriptor = createNew(name);
    if (descriptor < 0 && errno != EEXIST) throwSystem("open " + path_);
  }
  file_.emplace(descriptor);
  part_ = std::move(name);
}

void ExportFile::finish() {
  output_->flush();
  if (part_.empty()) return;
  if (::fsync(file_->get()) != 0) throwSystem("fsync " + part_);
  if (::rename(part_.c_str(), path_.c_str()) != 0) throwSystem("rename " + part_);
  part_.clear();
  syncFolderOf(path_);
}

}  // namespace hexpage::cli
