#include "src/cli/document.hpp"

#include <unistd.h>

#include <hexpage/error.hpp>
#include <hexpage/json_text.hpp>

#include "src/cli/byte_source.hpp"

namespace hexpage::cli {
namespace {

// All of stdin, or the first byte too many.
std::string standardInput() {
  ByteSource source(STDIN_FILENO, "standard input");
  std::string text;
  while (source.peek() != ByteSource::kEnd && text.size() <= kMaxDocumentBytes)
    text += static_cast<char>(source.take());
  return text;
}

}  // namespace

std::string documentFrom(const std::string& word) {
  const std::string text = word == "-" ? standardInput() : word;
  validateDocument(text);
  return minified(text);
}

std::string itemLine(std::string_view key, std::string_view text) {
  return "{\"key\":" + jsonString(key) + ",\"value\":" + minified(text) + "}";
}

std::string itemLine(const Item& item) {
  std::string line = itemLine(item.key, item.text);
  if (item.expires == 0) return line;
  line.pop_back();
  return line + ",\"expires\":" + std::to_string(item.expires) + "}";
}

}  // namespace hexpage::cli
