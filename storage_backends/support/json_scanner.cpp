#include "support/json_scanner.hpp"

#include <simdjson.h>

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace hexpage {
namespace {

bool isSpace(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }
bool isDigit(char c) { return c >= '0' && c <= '9'; }
bool isHighSurrogate(unsigned unit) { return unit >= 0xD800 && unit < 0xDC00; }
bool isLowSurrogate(unsigned unit) { return unit >= 0xDC00 && unit < 0xE000; }

constexpr std::uint64_t kOnes = 0x0101010101010101;
constexpr std::uint64_t kHighs = 0x8080808080808080;

// The high bit of some byte is set if one of the eight is c. May be set for more only above a real
// one.
std::uint64_t anyIs(std::uint64_t eight, unsigned char c) {
  const std::uint64_t x = eight ^ (kOnes * c);
  return (x - kOnes) & ~x & kHighs;
}
std::uint64_t anyControl(std::uint64_t eight) { return (eight - kOnes * 0x20) & ~eight & kHighs; }

bool endsRun(char c) { return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20; }

// The first of `"`, `\` and control characters from `at` on, or the end.
std::size_t endOfRun(std::string_view text, std::size_t at) {
  for (; at + 8 <= text.size(); at += 8) {
    std::uint64_t eight;
    std::memcpy(&eight, text.data() + at, 8);
    if (anyIs(eight, '"') | anyIs(eight, '\\') | anyControl(eight)) break;
  }
  while (at < text.size() && !endsRun(text[at])) ++at;
  return at;
}

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

}  // namespace

JsonScanner::JsonScanner(std::string_view text, JsonRules rules) : text_(text), rules_(rules) {
  if (!simdjson::validate_utf8(text.data(), text.size())) throw JsonError("invalid UTF-8", 0);
}

char JsonScanner::peek() {
  if (at_ < text_.size() && text_[at_] > ' ') return text_[at_];
  while (at_ < text_.size() && isSpace(text_[at_])) ++at_;
  return at_ < text_.size() ? text_[at_] : '\0';
}

void JsonScanner::expect(char c) {
  if (!accept(c)) fail(std::string("'") + c + "' expected");
}

bool JsonScanner::accept(char c) {
  if (peek() != c || at_ == text_.size()) return false;
  ++at_;
  return true;
}

Span JsonScanner::value() {
  peek();
  const std::size_t begin = at_;
  passValue(1);
  return {begin, at_};
}

Span JsonScanner::string() {
  const std::size_t begin = at_;
  if (begin == text_.size() || text_[begin] != '"') fail("'\"' expected");
  passString();
  return {begin, at_};
}

void JsonScanner::end() {
  peek();
  if (at_ != text_.size()) fail("more text after the value");
}

void JsonScanner::passValue(std::size_t depth) {
  switch (peek()) {
    case '{':
      return passObject(depth);
    case '[':
      return passArray(depth);
    case '"':
      return passString();
    case 't':
      return passWord("true");
    case 'f':
      return passWord("false");
    case 'n':
      return passWord("null");
    default:
      return passNumber();
  }
}

void JsonScanner::passObject(std::size_t depth) {
  if (depth > rules_.maxDepth) fail("nested deeper than " + std::to_string(rules_.maxDepth));
  const std::size_t first = names_.size();
  object([&](Span name) {
    if (rules_.refuseDuplicates) names_.push_back(name);
    passValue(depth + 1);
  });
  if (names_.size() > first + 1) refuseDuplicates(first);
  names_.resize(first);
}

void JsonScanner::passArray(std::size_t depth) {
  if (depth > rules_.maxDepth) fail("nested deeper than " + std::to_string(rules_.maxDepth));
  expect('[');
  if (accept(']')) return;
  do passValue(depth + 1);
  while (accept(','));
  expect(']');
}

void JsonScanner::passString() {
  ++at_;
  for (;;) {
    at_ = endOfRun(text_, at_);
    if (at_ == text_.size()) fail("string without an end");
    if (text_[at_] == '"') break;
    if (text_[at_] != '\\') fail("control character in a string");
    passEscape();
  }
  ++at_;
}

void JsonScanner::passEscape() {
  ++at_;
  const char c = at_ < text_.size() ? text_[at_] : '\0';
  ++at_;
  if (c != 'u') {
    if (c == '\0' || std::string_view("\"\\/bfnrt").find(c) == std::string_view::npos)
      fail("unknown escape in a string");
    return;
  }
  const unsigned unit = hexQuad();
  if (!rules_.refuseLoneSurrogates || !(isHighSurrogate(unit) || isLowSurrogate(unit))) return;
  const bool hasPartner = isHighSurrogate(unit) && text_.substr(at_, 2) == "\\u";
  if (hasPartner) at_ += 2;
  if (!hasPartner || !isLowSurrogate(hexQuad())) fail("half of a surrogate pair in a string");
}

unsigned JsonScanner::hexQuad() {
  for (std::size_t i = 0; i < 4; ++i)
    if (at_ + i >= text_.size() || hexValue(text_[at_ + i]) > 15) fail("four hex digits expected");
  at_ += 4;
  return quadAt(text_, at_ - 4);
}

void JsonScanner::passNumber() {
  const std::size_t begin = at_;
  if (at_ < text_.size() && text_[at_] == '-') ++at_;
  if (at_ < text_.size() && text_[at_] == '0') {
    ++at_;
  } else if (at_ < text_.size() && isDigit(text_[at_])) {
    passDigits();
  } else {
    at_ = begin;
    fail(begin == text_.size() ? "value expected, the text ends" : "value expected");
  }
  if (at_ < text_.size() && text_[at_] == '.') {
    ++at_;
    passDigits();
  }
  if (at_ < text_.size() && (text_[at_] == 'e' || text_[at_] == 'E')) {
    ++at_;
    if (at_ < text_.size() && (text_[at_] == '+' || text_[at_] == '-')) ++at_;
    passDigits();
  }
}

void JsonScanner::passDigits() {
  if (at_ == text_.size() || !isDigit(text_[at_])) fail("digit expected");
  while (at_ < text_.size() && isDigit(text_[at_])) ++at_;
}

void JsonScanner::passWord(std::string_view word) {
  if (text_.substr(at_, word.size()) != word) fail("value expected");
  at_ += word.size();
}

void JsonScanner::refuseDuplicates(std::size_t first) {
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
  if (twin != names.end()) fail("member \"" + std::string(*twin) + "\" twice in one object");
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
