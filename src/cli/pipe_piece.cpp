#include "src/cli/pipe_piece.hpp"

#include <hexpage/json_text.hpp>
#include <hexpage/types.hpp>

namespace hexpage::cli {

std::string key(PipeLine& line) {
  std::string key = line.text();
  if (key.empty()) throw Refusal("BADNAME", "the key is empty");
  if (key.size() > kMaxKeyBytes) throw Refusal("LIMIT", "key too long");
  return key;
}

std::string ok(std::string_view what) { return "OK " + std::string(what); }

std::string ok(std::uint64_t number) { return ok(std::to_string(number)); }

void appendMember(std::string& object, const std::string& name, const std::string& text) {
  if (object.back() != '{') object += ',';
  object += asciiOnly(jsonString(name));
  object += ':';
  object += asciiOnly(minified(text));
}

}  // namespace hexpage::cli
