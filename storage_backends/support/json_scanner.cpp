#include "support/json_scanner.hpp"

#include <algorithm>
#include <vector>

#include "support/json_run.hpp"

#include "support/utf8.hpp"

namespace hexpage {
namespace {

bool isDigit(char c) { return c >= '0' && c <= '9'; }
bool isHighSurrogate(unsigned unit) { return unit >= 0xD800 && unit < 0xDC00; }
bool isLowSurrogate(unsigned unit) { return unit >= 0xDC00 && unit < 0xE000; }

void appendUtf8(std::string& out, unsigned point) {
  if (point < 0x80) {
    out += static_cast<char>(point);
  } else if (point < 0x800) {
    out += static_cast<char>(0xC0 | (point >> 6));
    out += static_cast<char>(0x80 | (point & 0x3F));
  } else if (point < 0x10000) {
    out += static_cast<char>(0xE0 | (point >> 12));
    out += static_cast<char>(0x80 | ((point >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (point & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | (point >> 18));
    out += static_cast<char>(0x80 | ((point >> 12) & 0x3F));
    out += static_cast<char>(0x80 | ((point >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (point & 0x3F));
  }
}

unsigned hexValue(char c) {
  if (isDigit(c)) return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A' + 10);
  return 16;
}

unsigned quadAt(std::string_view text, std::size_t at) {
  unsigned unit = 0;
  for (std::size_t i = 0; i < 4; ++i) unit = unit * 16 + hexValue(text[at + i]);
  return unit;
}

[[noreturn]] void fail(const std::string& reason, std::size_t at) { throw JsonError(reason, at); }

}  // namespace

JsonScanner::JsonScanner(std::string_view text, JsonRules rules) : text_(text), rules_(rules) {
  if (!isUtf8(text)) throw JsonError("invalid UTF-8", 0);
}

void JsonScanner::end() {
  at_ = pastSpace(at_);
  if (at_ != text_.size()) fail("more text after the value", at_);
}

void JsonScanner::failExpecting(std::size_t at, char c) const {
  fail(std::string("'") + c + "' expected", at);
}

std::size_t JsonScanner::passValue(std::size_t at, std::size_t depth) {
  at = pastSpace(at);
  switch (at < text_.size() ? text_[at] : '\0') {
    case '{':
      return passObject(at, depth);
    case '[':
      return passArray(at, depth);
    case '"':
      return passString(at);
    case 't':
      return passWord(at, "true");
    case 'f':
      return passWord(at, "false");
    case 'n':
      return passWord(at, "null");
    default:
      return passNumber(at);
  }
}

void JsonScanner::checkDepth(std::size_t at, std::size_t depth) const {
  if (depth > rules_.maxDepth) fail("nested deeper than " + std::to_string(rules_.maxDepth), at);
}

std::size_t JsonScanner::passObject(std::size_t at, std::size_t depth) {
  checkDepth(at, depth);
  at = pastSpace(at + 1);
  if (isAt(at, '}')) return at + 1;
  const std::size_t first = names_.size();
  for (;; ++at) {
    const std::size_t begin = pastSpace(at);
    const std::size_t escapes = escapes_;
    at = passString(begin);
    hasEscapedNames_ = hasEscapedNames_ || escapes_ != escapes;
    if (rules_.refuseDuplicates) names_.push_back({begin, at});
    at = pastSpace(passValue(passed(at, ':'), depth + 1));
    if (!isAt(at, ',')) break;
  }
  at = passed(at, '}');
  if (names_.size() > first + 1) refuseDuplicates(first, at);
  names_.resize(first);
  return at;
}

std::size_t JsonScanner::passArray(std::size_t at, std::size_t depth) {
  checkDepth(at, depth);
  at = pastSpace(at + 1);
  if (isAt(at, ']')) return at + 1;
  for (;; ++at) {
    at = pastSpace(passValue(at, depth + 1));
    if (!isAt(at, ',')) return passed(at, ']');
  }
}

std::size_t JsonScanner::passString(std::size_t at) {
  if (!isAt(at, '"')) failExpecting(at, '"');
  ++at;
  for (;;) {
    at = endOfRun(text_, at);
    if (at == text_.size()) fail("string without an end", at);
    if (text_[at] == '"') return at + 1;
    if (text_[at] != '\\') fail("control character in a string", at);
    at = passEscape(at);
  }
}

std::size_t JsonScanner::passEscape(std::size_t at) {
  ++escapes_;
  const char c = at + 1 < text_.size() ? text_[at + 1] : '\0';
  at += 2;
  if (c != 'u') {
    if (c == '\0' || std::string_view("\"\\/bfnrt").find(c) == std::string_view::npos)
      fail("unknown escape in a string", at);
    return at;
  }
  const std::size_t quad = at;
  at = passHexQuad(quad);
  const unsigned unit = quadAt(text_, quad);
  if (!rules_.refuseLoneSurrogates || !(isHighSurrogate(unit) || isLowSurrogate(unit))) return at;
  const bool hasPartner = isHighSurrogate(unit) && text_.substr(at, 2) == "\\u";
  if (hasPartner) at = passHexQuad(at + 2);
  if (!hasPartner || !isLowSurrogate(quadAt(text_, at - 4)))
    fail("half of a surrogate pair in a string", at);
  return at;
}

std::size_t JsonScanner::passHexQuad(std::size_t at) const {
  for (std::size_t i = 0; i < 4; ++i)
    if (at + i >= text_.size() || hexValue(text_[at + i]) > 15)
      fail("four hex digits expected", at);
  return at + 4;
}

std::size_t JsonScanner::passNumber(std::size_t at) const {
  const std::size_t begin = at;
  if (isAt(at, '-')) ++at;
  if (isAt(at, '0'))
    ++at;
  else if (at < text_.size() && isDigit(text_[at]))
    at = passDigits(at);
  else
    fail(begin == text_.size() ? "value expected, the text ends" : "value expected", begin);
  if (isAt(at, '.')) at = passDigits(at + 1);
  if (isAt(at, 'e') || isAt(at, 'E')) {
    ++at;
    if (isAt(at, '+') || isAt(at, '-')) ++at;
    at = passDigits(at);
  }
  return at;
}

std::size_t JsonScanner::passDigits(std::size_t at) const {
  if (at == text_.size() || !isDigit(text_[at])) fail("digit expected", at);
  while (at < text_.size() && isDigit(text_[at])) ++at;
  return at;
}

std::size_t JsonScanner::passWord(std::size_t at, std::string_view word) const {
  if (text_.substr(at, word.size()) != word) fail("value expected", at);
  return at + word.size();
}

// Not when some may be the same in another spelling, or when they are many, which are sorted sooner
// than they are compared.
bool JsonScanner::areFewAndDistinct(std::size_t first) const {
  if (hasEscapedNames_ || names_.size() - first > kFewNames) return false;
  for (std::size_t i = first; i < names_.size(); ++i) {
    const std::string_view name = slice(names_[i]);
    for (std::size_t before = first; before < i; ++before)
      if (slice(names_[before]) == name) return false;
  }
  return true;
}

void JsonScanner::refuseDuplicates(std::size_t first, std::size_t at) const {
  if (areFewAndDistinct(first)) return;
  std::vector<std::string> decoded;
  decoded.reserve(names_.size() - first);  // views into it must stay
  std::vector<std::string_view> names;
  names.reserve(names_.size() - first);
  for (std::size_t i = first; i < names_.size(); ++i) {
    std::string_view name = slice(names_[i]);
    if (name.find('\\') != std::string_view::npos)
      name = decoded.emplace_back(unquoted(name));
    else
      name = name.substr(1, name.size() - 2);
    names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  const auto twin = std::adjacent_find(names.begin(), names.end());
  if (twin != names.end()) fail("member \"" + std::string(*twin) + "\" twice in one object", at);
}

std::string unquoted(std::string_view literal) {
  const std::string_view body = literal.substr(1, literal.size() - 2);
  std::string out;
  out.reserve(body.size());
  for (std::size_t at = 0; at < body.size();) {
    const std::size_t escape = std::min(body.find('\\', at), body.size());
    out.append(body, at, escape - at);
    if (escape == body.size()) break;
    const char c = body[escape + 1];
    at = escape + 2;
    switch (c) {
      case 'b':
        out += '\b';
        break;
      case 'f':
        out += '\f';
        break;
      case 'n':
        out += '\n';
        break;
      case 'r':
        out += '\r';
        break;
      case 't':
        out += '\t';
        break;
      case 'u': {
        unsigned point = quadAt(body, at);
        at += 4;
        if (isHighSurrogate(point) && body.substr(at, 2) == "\\u" &&
            isLowSurrogate(quadAt(body, at + 2))) {
          point = 0x10000 + ((point - 0xD800) << 10) + (quadAt(body, at + 2) - 0xDC00);
          at += 6;
        } else if (isHighSurrogate(point) || isLowSurrogate(point)) {
          point = 0xFFFD;
        }
        appendUtf8(out, point);
        break;
      }
      default:
        out += c;
    }
  }
  return out;
}

bool spells(std::string_view value, std::string_view text) {
  if (!value.starts_with('"')) return false;
  if (value.find('\\') != std::string_view::npos) return unquoted(value) == text;
  return value.substr(1, value.size() - 2) == text;
}

}  // namespace hexpage
