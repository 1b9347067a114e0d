#include "src/cli/export_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <hexpage/error.hpp>

namespace hexpage::cli {
namespace {

// A pipe or a device is written to directly; what is not there becomes a regular file.
bool isRegularOrAbsent(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) != 0 || S_ISREG(status.st_mode);
}

[[noreturn]] void throwSystem(Code code, const std::string& what) {
  throw Error(code, what + ": " + std::strerror(errno));
}

}  // namespace

ExportFile::ExportFile(const std::string& path)
    : path_(path), part_(isRegularOrAbsent(path) ? path + ".part" : path) {
  file_.emplace(::open(part_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
  if (file_->get() < 0) {
    isFinished_ = true;  // nothing to take away
    throwSystem(Code::InvalidArgument, "open " + part_);
  }
  output_.emplace(file_->get(), path_);
}

ExportFile::~ExportFile() {
  // Best effort: the export failed and said so; a part that stays is overwritten by the next one.
  if (!isFinished_ && part_ != path_) ::unlink(part_.c_str());
}

void ExportFile::finish() {
  output_->flush();
  if (part_ != path_) {
    if (::fsync(file_->get()) != 0) throwSystem(Code::Io, "fsync " + part_);
    if (::rename(part_.c_str(), path_.c_str()) != 0) throwSystem(Code::Io, "rename " + part_);
  }
  isFinished_ = true;
}

}  // namespace hexpage::cli
