#include "src/cli/pipe_piece.hpp"

#include <charconv>
#include <hexpage/json_text.hpp>
#include <hexpage/types.hpp>

namespace hexpage::cli {

std::string key(PipeLine& line) {
  std::string key = line.text();
  checkKeySize(key);
  return key;
}

void checkKeySize(std::string_view key) {
  if (key.empty()) throw Refusal("BADNAME", "the key is empty");
  if (key.size() > kMaxKeyBytes)
    throw Refusal("LIMIT", "a key of " + std::to_string(key.size()) + " bytes; at most " +
                               std::to_string(kMaxKeyBytes));
}

std::size_t itemCount(std::string_view word) {
  constexpr std::size_t kMost = 10'000;
  std::size_t count = 0;
  const char* const last = word.data() + word.size();
  const auto [end, error] = std::from_chars(word.data(), last, count);
  if (error != std::errc() || end != last || count == 0 || count > kMost)
    throw Refusal("BADREQ", "expected a number from 1 to " + std::to_string(kMost));
  return count;
}

Millis timeToLive(std::string_view word) {
  constexpr std::int64_t kMost = std::int64_t{1} << 53;
  std::int64_t millis = 0;
  const char* const last = word.data() + word.size();
  const auto [end, error] = std::from_chars(word.data(), last, millis);
  if (error != std::errc() || end != last || millis <= 0 || millis > kMost)
    throw Refusal("BADREQ", "expected a time to live in milliseconds, above 0");
  return Millis(millis);
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
