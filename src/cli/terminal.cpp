#include "src/cli/terminal.hpp"

#include <strings.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>

namespace hexpage::cli {
namespace {

std::string_view environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

// POSIX: LC_ALL goes before LC_CTYPE, which goes before LANG; empty is unset.
bool localeIsUtf8() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const std::string value(environment(name));
    if (value.empty()) continue;
    const std::size_t dot = value.find('.');
    if (dot == std::string::npos) return false;
    const std::string charset = value.substr(dot + 1, value.find('@') - dot - 1);
    return strcasecmp(charset.c_str(), "UTF-8") == 0 || strcasecmp(charset.c_str(), "utf8") == 0;
  }
  return false;
}

std::size_t widthOf(int descriptor) {
  winsize size{};
  if (::ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return 80;
}

}  // namespace

std::string Terminal::bold(std::string_view text) const { return painted(text, "1"); }
std::string Terminal::faint(std::string_view text) const { return painted(text, "2"); }
std::string Terminal::red(std::string_view text) const { return painted(text, "31"); }
std::string Terminal::green(std::string_view text) const { return painted(text, "32"); }

std::string Terminal::painted(std::string_view text, std::string_view code) const {
  if (!hasColours) return std::string(text);
  return "\x1b[" + std::string(code) + "m" + std::string(text) + "\x1b[0m";
}

Terminal terminalAt(int descriptor) {
  Terminal terminal;
  terminal.hasUnicode = localeIsUtf8();
  terminal.isTerminal = ::isatty(descriptor) == 1;
  if (!terminal.isTerminal) return terminal;
  terminal.width = widthOf(descriptor);
  terminal.hasColours = environment("NO_COLOR").empty() && environment("TERM") != "dumb";
  return terminal;
}

std::string printable(std::string_view text) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte != 0x7F)
      out += c;
    else
      out.append("\\x").append(1, kHex[byte >> 4]).append(1, kHex[byte & 15]);
  }
  return out;
}

}  // namespace hexpage::cli
