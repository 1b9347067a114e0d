#include "support/write_all.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>

#include "support/fd.hpp"
#include "support/uninterrupted.hpp"

namespace hexpage {
namespace {

// What is written beyond this limit would end the process by SIGXFSZ.
void refuseBeyondLimit(std::uint64_t end, const std::string& file) {
  struct rlimit limit;
  if (::getrlimit(RLIMIT_FSIZE, &limit) != 0 || end <= limit.rlim_cur) return;
  errno = EFBIG;
  throwSystem("write", file);
}

}  // namespace

void writeAll(int fd, std::string_view text, const std::string& file, std::uint64_t offset) {
  refuseBeyondLimit(offset + text.size(), file);
  while (!text.empty()) {
    const ssize_t written = uninterrupted(
        [&] { return ::pwrite(fd, text.data(), text.size(), static_cast<off_t>(offset)); });
    if (written < 0) throwSystem("write", file);
    text.remove_prefix(static_cast<std::size_t>(written));
    offset += static_cast<std::uint64_t>(written);
  }
}

}  // namespace hexpage
