// The bytes of a file or a text in order, with a look at the next one, in constant memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hexpage::cli {

class ByteSource {
 public:
  static constexpr int kEnd = -1;

  // `name` is for messages. The descriptor stays the caller's; a signal to stop ends a wait.
  ByteSource(int descriptor, std::string name);
  // The text must outlive the source.
  explicit ByteSource(std::string_view text);
  ByteSource(const ByteSource&) = delete;
  ByteSource& operator=(const ByteSource&) = delete;

  // The next byte or kEnd, not taken.
  int peek() {
    if (at_ == window_.size() && !fill()) return kEnd;
    return static_cast<unsigned char>(window_[at_]);
  }
  int take() {
    const int byte = peek();
    if (byte == kEnd) return kEnd;
    ++at_;
    if (byte == '\n') ++line_;
    return byte;
  }

  struct Line {
    std::string text;          // without its end
    bool isTooLong = false;    // `text` is only its beginning; the rest is passed
    bool lacksMemory = false;  // there was none to keep it: `text` is empty
    bool hasEnd = false;       // false on a last line that breaks off
  };
  // The next line, or nullopt at the end.
  std::optional<Line> takeLine(std::size_t maxBytes);

  // The next line without taking it, as far as it has at most `maxBytes`; nullopt when it is
  // longer.
  std::optional<std::string_view> peekLine(std::size_t maxBytes);

  // Whether anything but white space follows the next line. Takes nothing; holds what it looks at.
  bool hasTextBehindLine();

  // The number of the line that the next byte is in, from 1.
  std::uint64_t line() const { return line_; }
  // How many bytes were taken.
  std::uint64_t taken() const { return passed_ + at_; }

 private:
  static void keep(std::string_view piece, std::size_t maxBytes, Line& line);
  bool fill();
  bool append();
  std::string_view restOfLine() const;

  int descriptor_ = -1;
  std::string name_;
  std::string buffer_;
  std::string_view window_;  // all that is read and not forgotten; bytes before at_ are taken
  std::size_t at_ = 0;
  std::uint64_t passed_ = 0;  // bytes before the window
  std::uint64_t line_ = 1;
  bool atEnd_ = false;
};

}  // namespace hexpage::cli
