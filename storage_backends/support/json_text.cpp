#include <simdjson.h>
#include <hexpage/error.hpp>
#include <hexpage/json_text.hpp>

#include <cstdio>

#include "support/json_quote.hpp"
#include "support/json_run.hpp"
#include "support/json_scanner.hpp"
#include "support/utf8.hpp"

namespace hexpage {
namespace {

void appendLine(std::string& out, std::size_t depth) {
  out += '\n';
  out.append(depth, '\t');
}

// Where the string that begins at `at` ends, past its closing quote.
std::size_t endOfString(std::string_view text, std::size_t at) {
  for (++at; text[at] != '"'; ++at)
    if (text[at] == '\\') ++at;
  return at + 1;
}

// A short string of ASCII without escapes, as many documents are.
bool isPlainString(std::string_view text) {
  constexpr std::size_t kShort = 64;
  return text.size() >= 2 && text.size() <= kShort && text[0] == '"' && text.back() == '"' &&
         endOfRun(text, 1) == text.size() - 1 && isAscii(text);
}

}  // namespace

void validateDocument(std::string_view text) {
  if (isPlainString(text)) return;
  if (text.size() > kMaxDocumentBytes)
    throw Error(Code::InvalidArgument, "document of " + std::to_string(text.size()) +
                                           " bytes; at most " + std::to_string(kMaxDocumentBytes) +
                                           " are stored");
  try {
    JsonScanner scanner(
        text, {.maxDepth = kMaxDepth, .refuseDuplicates = true, .refuseLoneSurrogates = true});
    scanner.value();
    scanner.end();
  } catch (const JsonError& e) {
    throw Error(Code::InvalidArgument, std::string("invalid JSON: ") + e.what());
  }
}

std::string minified(std::string_view text) {
  std::string out(text.size() + simdjson::SIMDJSON_PADDING, '\0');
  std::size_t length = 0;
  if (simdjson::minify(text.data(), text.size(), out.data(), length) != simdjson::SUCCESS)
    throw Error(Code::InvalidArgument, "invalid JSON: string without an end");
  out.resize(length);
  return out;
}

std::string indented(std::string_view text, std::size_t depth) {
  const std::string compact = minified(text);
  std::string out;
  out.reserve(compact.size() * 2);
  for (std::size_t at = 0; at < compact.size();) {
    const char c = compact[at];
    if (c == '"') {
      const std::size_t end = endOfString(compact, at);
      out.append(compact, at, end - at);
      at = end;
      continue;
    }
    ++at;
    const bool opens = c == '{' || c == '[';
    if (opens && (compact[at] == '}' || compact[at] == ']')) {
      out += c;
      out += compact[at++];
    } else if (opens) {
      out += c;
      appendLine(out, ++depth);
    } else if (c == '}' || c == ']') {
      appendLine(out, --depth);
      out += c;
    } else {
      out += c;
      if (c == ',') appendLine(out, depth);
      if (c == ':') out += ' ';
    }
  }
  return out;
}

std::string asciiOnly(std::string_view text) {
  constexpr unsigned char kDelete = 0x7F;  // no other control character is in a valid text as it is
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const auto lead = static_cast<unsigned char>(text[at]);
    if (lead < 0x80) {
      ++at;
      if (lead == kDelete)
        appendUnit(out, lead);
      else
        out += text[at - 1];
      continue;
    }
    const std::size_t size = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    unsigned point = lead & (0xFF >> (size + 1));
    for (std::size_t i = 1; i < size; ++i)
      point = (point << 6) | (static_cast<unsigned char>(text[at + i]) & 0x3F);
    at += size;
    if (point < 0x10000) {
      appendUnit(out, point);
    } else {
      appendUnit(out, 0xD800 + ((point - 0x10000) >> 10));
      appendUnit(out, 0xDC00 + ((point - 0x10000) & 0x3FF));
    }
  }
  return out;
}

std::string jsonString(std::string_view utf8) {
  std::string out;
  out.reserve(utf8.size() + 2);
  appendQuoted(out, utf8);
  return out;
}

}  // namespace hexpage
