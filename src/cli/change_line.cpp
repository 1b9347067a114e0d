#include "src/cli/change_line.hpp"

#include <hexpage/json_text.hpp>

namespace hexpage::cli {

std::string changeLine(const ChangeEvent& event) {
  std::string line = "{\"change\":\"" + std::string(name(event.kind)) + "\"";
  if (!event.path.empty()) line += ",\"path\":" + jsonString(event.path);
  if (!event.key.empty()) line += ",\"key\":" + jsonString(event.key);
  if (!event.from.empty()) line += ",\"from\":" + jsonString(event.from);
  if (!event.text.empty()) line += ",\"value\":" + minified(event.text);
  if (event.expires != 0) line += ",\"expires\":" + std::to_string(event.expires);
  return line + "}";
}

}  // namespace hexpage::cli
