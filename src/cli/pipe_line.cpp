#include "src/cli/pipe_line.hpp"

#include <algorithm>
#include <cstddef>
#include <hexpage/error.hpp>
#include <hexpage/json_text.hpp>
#include <hexpage/types.hpp>
#include <utility>

namespace hexpage::cli {
namespace {

// Where the JSON string at the beginning of the text ends, past its closing quote; npos if nowhere.
std::size_t endOfString(std::string_view text) {
  for (std::size_t at = 1; at < text.size(); ++at) {
    if (text[at] == '"') return at + 1;
    if (text[at] == '\\') ++at;
  }
  return std::string_view::npos;
}

// How deep arrays and objects lie in each other; of any text, also of an invalid one.
std::size_t depthOf(std::string_view text) {
  std::size_t depth = 0;
  std::size_t deepest = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '"') {
      const std::size_t size = endOfString(text.substr(at));
      if (size == std::string_view::npos) break;
      at += size - 1;
    } else if (c == '{' || c == '[') {
      deepest = std::max(deepest, ++depth);
    } else if ((c == '}' || c == ']') && depth > 0) {
      --depth;
    }
  }
  return deepest;
}

// Where a JSON value at the beginning of the text ends; what is between its brackets or quotes is
// looked at by whoever takes it for a document.
std::size_t endOfValue(std::string_view text) {
  std::size_t depth = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '"') {
      const std::size_t size = endOfString(text.substr(at));
      if (size == std::string_view::npos) return text.size();
      at += size - 1;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if (c == '}' || c == ']') {
      if (depth > 0) --depth;
    } else if (c == ' ' && depth == 0) {
      return at;
    }
  }
  return text.size();
}

std::string decodedString(std::string_view literal) {
  try {
    return parseJson(literal).get<std::string>();
  } catch (const Error& error) {
    throw Refusal("BADJSON", error.what());
  }
}

}  // namespace

std::string_view PipeLine::word() {
  const std::string_view word = rest_.substr(0, rest_.find(' '));
  rest_.remove_prefix(word.size());
  return word;
}

void PipeLine::passSpace() {
  if (!rest_.starts_with(' '))
    throw Refusal("BADREQ", "something is missing at the end of the line");
  rest_.remove_prefix(1);
}

std::string PipeLine::text() {
  passSpace();
  if (!rest_.starts_with('"')) throw Refusal("BADREQ", "expected a JSON string behind one space");
  const std::size_t end = endOfString(rest_);
  if (end == rest_.npos) throw Refusal("BADREQ", "a JSON string without an end");
  const std::string_view literal = rest_.substr(0, end);
  if (literal.size() > kMaxDocumentBytes) throw Refusal("LIMIT", "a path or key far too long");
  rest_.remove_prefix(end);
  return decodedString(literal);
}

std::string_view PipeLine::token() {
  passSpace();
  const std::string_view token = word();
  if (token.empty()) throw Refusal("BADREQ", "expected a value behind one space");
  return token;
}

std::vector<std::string> PipeLine::texts() {
  std::vector<std::string> all;
  do all.push_back(text());
  while (!rest_.empty());
  return all;
}

std::optional<std::string> PipeLine::documentOrNil() {
  passSpace();
  const std::string_view value = rest_.substr(0, endOfValue(rest_));
  if (value.empty()) throw Refusal("BADREQ", "expected a value behind one space");
  rest_.remove_prefix(value.size());
  if (value == "NIL") return std::nullopt;
  return checkedDocument(value);
}

std::string_view PipeLine::remainder() {
  passSpace();
  if (rest_.empty() || rest_.front() == ' ')
    throw Refusal("BADREQ", "expected a value behind one space");
  return std::exchange(rest_, {});
}

std::string PipeLine::document() { return checkedDocument(remainder()); }

void PipeLine::end() const {
  if (!rest_.empty()) throw Refusal("BADREQ", "something follows the command");
}

std::string checkedDocument(std::string_view text) {
  if (text.size() > kMaxDocumentBytes)
    throw Refusal("LIMIT", "a document of " + std::to_string(text.size()) + " bytes; at most " +
                               std::to_string(kMaxDocumentBytes));
  if (depthOf(text) > kMaxDepth)
    throw Refusal("LIMIT", "a document nested deeper than " + std::to_string(kMaxDepth));
  try {
    validateDocument(text);
  } catch (const Error& error) {
    throw Refusal("BADJSON", error.what());
  }
  return minified(text);
}

}  // namespace hexpage::cli
