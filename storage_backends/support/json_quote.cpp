#include "support/json_quote.hpp"

namespace hexpage {
namespace {

bool isEscaped(char c) { return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20; }

void appendEscaped(std::string& out, char c) {
  switch (c) {
    case '"':
      out += "\\\"";
      break;
    case '\\':
      out += "\\\\";
      break;
    case '\b':
      out += "\\b";
      break;
    case '\f':
      out += "\\f";
      break;
    case '\n':
      out += "\\n";
      break;
    case '\r':
      out += "\\r";
      break;
    case '\t':
      out += "\\t";
      break;
    default:
      appendUnit(out, static_cast<unsigned char>(c));
  }
}

}  // namespace

void appendQuoted(std::string& out, std::string_view utf8) {
  out += '"';
  std::size_t begin = 0;  // of a run that needs no escapes
  for (std::size_t at = 0; at < utf8.size(); ++at) {
    if (!isEscaped(utf8[at])) continue;
    out.append(utf8, begin, at - begin);
    appendEscaped(out, utf8[at]);
    begin = at + 1;
  }
  out.append(utf8, begin);
  out += '"';
}

void appendUnit(std::string& out, unsigned unit) {
  constexpr char kHex[] = "0123456789abcdef";
  out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) out += kHex[(unit >> shift) & 15];
}

}  // namespace hexpage
