#include "src/cli/byte_source.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <hexpage/error.hpp>
#include <new>
#include <utility>

#include "src/cli/stop.hpp"

namespace hexpage::cli {
namespace {

constexpr std::size_t kReadBytes = 256 << 10;

// How many bytes came; 0 at the end.
std::size_t readInto(int descriptor, const std::string& name, char* space, std::size_t size) {
  for (;;) {
    awaitInput(descriptor);
    const ssize_t got = ::read(descriptor, space, size);
    if (got >= 0) return static_cast<std::size_t>(got);
    if (errno != EINTR && errno != EAGAIN)
      throw Error(Code::Io, "read " + name + ": " + std::strerror(errno));
  }
}

}  // namespace

ByteSource::ByteSource(int descriptor, std::string name)
    : descriptor_(descriptor), name_(std::move(name)) {}

ByteSource::ByteSource(std::string_view text) : window_(text), atEnd_(true) {}

// Forgets what is taken and reads on; false at the end.
bool ByteSource::fill() {
  if (atEnd_) return false;
  passed_ += at_;
  buffer_.erase(0, at_);
  at_ = 0;
  return append();
}

// Reads on behind what is there.
bool ByteSource::append() {
  if (atEnd_) return false;
  const std::size_t size = buffer_.size();
  buffer_.resize(size + kReadBytes);
  const std::size_t got = readInto(descriptor_, name_, buffer_.data() + size, kReadBytes);
  buffer_.resize(size + got);
  window_ = buffer_;
  atEnd_ = got == 0;
  return !atEnd_;
}

// What the window has of the current line, without its end.
std::string_view ByteSource::restOfLine() const {
  const std::string_view rest = window_.substr(at_);
  return rest.substr(0, rest.find('\n'));
}

std::optional<ByteSource::Line> ByteSource::takeLine(std::size_t maxBytes) {
  if (peek() == kEnd) return std::nullopt;
  Line line;
  while (!line.hasEnd && peek() != kEnd) {
    const std::string_view piece = restOfLine();
    if (!line.lacksMemory) keep(piece, maxBytes, line);
    at_ += piece.size();
    if (at_ < window_.size()) line.hasEnd = take() == '\n';
  }
  return line;
}

void ByteSource::keep(std::string_view piece, std::size_t maxBytes, Line& line) {
  const std::size_t room = maxBytes - line.text.size();
  try {
    line.text += piece.substr(0, room);
    line.isTooLong = line.isTooLong || piece.size() > room;
  } catch (const std::bad_alloc&) {
    line.text = std::string();
    line.lacksMemory = true;
  }
}

std::optional<std::string_view> ByteSource::peekLine(std::size_t maxBytes) {
  if (peek() == kEnd) return std::string_view();
  // append() keeps the window from at_ on, so the search goes on where it stopped.
  for (std::size_t searched = 0;;) {
    const std::string_view rest = window_.substr(at_);
    const std::size_t end = rest.find('\n', searched);
    const std::size_t size = std::min(end, rest.size());
    if (size > maxBytes) return std::nullopt;
    if (end != rest.npos || !append()) return window_.substr(at_, size);
    searched = size;
  }
}

bool ByteSource::hasTextBehindLine() {
  bool isBehind = false;
  for (std::size_t i = at_;; ++i) {
    if (i == window_.size()) {
      // fill() would move what i counts from; append() does not.
      if (!append()) return false;
    }
    if (isBehind && std::string_view(" \t\r\n").find(window_[i]) == std::string_view::npos)
      return true;
    isBehind = isBehind || window_[i] == '\n';
  }
}

}  // namespace hexpage::cli
