#include "src/cli/descriptor.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <hexpage/error.hpp>

namespace hexpage::cli {
namespace {

bool isDirectory(int descriptor) {
  struct stat status {};
  return ::fstat(descriptor, &status) == 0 && S_ISDIR(status.st_mode);
}

}  // namespace

Descriptor::~Descriptor() {
  if (isOwned_ && number_ >= 0) ::close(number_);
}

Descriptor openInput(const std::string& file) {
  if (file == "-") return Descriptor(STDIN_FILENO, false);
  Descriptor input(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (input.get() < 0)
    throw Error(Code::InvalidArgument, "open " + file + ": " + std::strerror(errno));
  if (isDirectory(input.get()))
    throw Error(Code::InvalidArgument, "open " + file + ": " + std::strerror(EISDIR));
  return input;
}

}  // namespace hexpage::cli
