#include "support/json_quote.hpp"

#include "support/json_run.hpp"

namespace hexpage {
namespace {

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
  for (std::size_t at = 0;; ++at) {
    const std::size_t begin = at;
    at = endOfRun(utf8, begin);
    out.append(utf8, begin, at - begin);
    if (at == utf8.size()) break;
    appendEscaped(out, utf8[at]);
  }
  out += '"';
}

void appendUnit(std::string& out, unsigned unit) {
  constexpr char kHex[] = "0123456789abcdef";
  out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) out += kHex[(unit >> shift) & 15];
}

}  // namespace hexpage
