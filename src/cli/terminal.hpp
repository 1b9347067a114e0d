// What can be shown where: whether people look at a descriptor, and what their terminal can do.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace hexpage::cli {

struct Terminal {
  bool isTerminal = false;
  bool hasColours = false;  // a terminal, and the user did not set NO_COLOR
  bool hasUnicode = false;  // the locale's characters are UTF-8
  std::size_t width = 80;

  std::string bold(std::string_view text) const;
  std::string faint(std::string_view text) const;
  std::string red(std::string_view text) const;
  std::string green(std::string_view text) const;

 private:
  std::string painted(std::string_view text, std::string_view code) const;
};

Terminal terminalAt(int descriptor);

// The text with control characters as \xNN, so that stored data can not steer a terminal.
std::string printable(std::string_view text);

}  // namespace hexpage::cli
