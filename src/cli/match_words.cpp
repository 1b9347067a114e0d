#include "src/cli/match_words.hpp"

#include <array>
#include <hexpage/error.hpp>
#include <hexpage/json_text.hpp>
#include <string_view>
#include <utility>

#include "src/cli/refuse.hpp"

namespace hexpage::cli {
namespace {

constexpr std::array<std::pair<std::string_view, MatchBy>, 8> kTests = {{
    {"all", MatchBy::All},
    {"equals", MatchBy::Equals},
    {"not-equals", MatchBy::NotEquals},
    {"prefix", MatchBy::Prefix},
    {"suffix", MatchBy::Suffix},
    {"contains", MatchBy::Contains},
    {"regex", MatchBy::Regex},
    {"integer", MatchBy::Integer},
}};

MatchOn matchOn(const std::string& word) {
  if (word == "key") return MatchOn::Key;
  if (word == "value") return MatchOn::Value;
  refuse("no \"on\" of a match: \"" + word + "\"; known: key, value");
}

template <class T>
T memberAs(const std::string& name, const Json& value, const char* kind) {
  try {
    return value.get<T>();
  } catch (const Json::exception&) {
    refuse("\"" + name + "\" of a match must be " + kind);
  }
}

std::string text(const std::string& name, const Json& value) {
  return memberAs<std::string>(name, value, "a string");
}

bool truth(const std::string& name, const Json& value) {
  return memberAs<bool>(name, value, "true or false");
}

}  // namespace

MatchBy matchBy(const std::string& word) {
  std::string known;
  for (const auto& [name, by] : kTests) {
    if (name == word) return by;
    known.append(known.empty() ? "" : ", ").append(name);
  }
  refuse("no test \"" + word + "\"; known: " + known);
}

Match matchOf(const Json& object) {
  if (!object.is_object()) refuse("a match must be an object, {} for every item");
  Match match;
  if (object.contains("member")) match.on = MatchOn::Value;
  for (const auto& [name, value] : object.items()) {
    if (name == "on")
      match.on = matchOn(text(name, value));
    else if (name == "by")
      match.by = matchBy(text(name, value));
    else if (name == "pattern")
      match.pattern = text(name, value);
    else if (name == "member")
      match.member = text(name, value);
    else if (name == "ignore_case")
      match.ignoreCase = truth(name, value);
    else if (name == "by_line")
      match.byLine = truth(name, value);
    else
      refuse("no \"" + name +
             "\" in a match; known: on, by, pattern, member, ignore_case, by_line");
  }
  return match;
}

}  // namespace hexpage::cli
