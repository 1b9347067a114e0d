#include "src/cli/output.hpp"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace hexpage::cli {
namespace {

constexpr std::size_t kBufferBytes = 64 << 10;

[[noreturn]] void throwWriteFailed(const std::string& name, int reason) {
  const Code code = reason == ENOSPC || reason == EDQUOT ? Code::NoSpace : Code::Io;
  const std::string message = "write " + name + ": " + std::strerror(reason);
  if (reason == EPIPE) throw BrokenPipe(code, message);
  throw Error(code, message);
}

void writeAll(int descriptor, const std::string& name, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written >= 0)
      text.remove_prefix(static_cast<std::size_t>(written));
    else if (errno != EINTR)
      throwWriteFailed(name, errno);
  }
}

}  // namespace

Output::Output(int descriptor, std::string name)
    : descriptor_(descriptor), name_(std::move(name)) {}

void Output::write(std::string_view text) {
  pending_ += text;
  if (pending_.size() >= kBufferBytes) flush();
}

void Output::line(std::string_view text) {
  write(text);
  write("\n");
}

void Output::flush() {
  // Taken out first: after a failure the same bytes are not tried again.
  const std::string text = std::exchange(pending_, {});
  writeAll(descriptor_, name_, text);
}

void Output::requireReader() const {
  pollfd end{descriptor_, 0, 0};
  if (::poll(&end, 1, 0) > 0 && (end.revents & POLLERR) != 0) throwWriteFailed(name_, EPIPE);
}

}  // namespace hexpage::cli
