#include "matcher.hpp"

#include <re2/re2.h>

#include <charconv>
#include <hexpage/error.hpp>

#include "document_edit.hpp"
#include "support/json_scanner.hpp"

namespace hexpage {
namespace {

[[noreturn]] void refuseMatch(const std::string& why) {
  throw Error(Code::InvalidArgument, "match: " + why);
}

std::optional<std::int64_t> parsedInteger(std::string_view text) {
  std::int64_t number = 0;
  const char* const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, number);
  if (error != std::errc() || end != last) return std::nullopt;
  return number;
}

std::unique_ptr<re2::RE2> compiled(const Match& match) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_case_sensitive(!match.ignoreCase);
  options.set_never_nl(match.byLine);
  auto expression =
      std::make_unique<re2::RE2>((match.byLine ? "(?m)" : "") + match.pattern, options);
  if (!expression->ok())
    refuseMatch("bad regular expression " + match.pattern + ": " + expression->error());
  return expression;
}

std::string_view trimmed(std::string_view json) {
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t begin = json.find_first_not_of(kSpace);
  return json.substr(begin, json.find_last_not_of(kSpace) + 1 - begin);
}

}  // namespace

Matcher::Matcher(const Match& match) : match_(match), member_(memberPath(match.member)) {
  if (match.on == MatchOn::Key && !match.member.empty()) refuseMatch("a key has no members");
  if (match.by != MatchBy::Regex && (match.ignoreCase || match.byLine))
    refuseMatch("ignoreCase and byLine are for regular expressions");
  if (match.by == MatchBy::Regex) expression_ = compiled(match);
  if (match.by != MatchBy::Integer) return;
  if (match.on == MatchOn::Key) refuseMatch("a key is no integer; compare it as text");
  integer_ = parsedInteger(match.pattern);
  if (!integer_) refuseMatch("no integer of 64 bits: " + match.pattern);
}

Matcher::~Matcher() = default;

bool Matcher::accepts(std::string_view key, std::string_view text) const {
  if (match_.by == MatchBy::All) return true;
  if (match_.on == MatchOn::Key) return acceptsText(key);
  if (member_.empty()) return acceptsValue(trimmed(text));
  const auto value = valueAt(text, member_);
  return value && acceptsValue(*value);
}

bool Matcher::acceptsValue(std::string_view json) const {
  if (match_.by == MatchBy::Integer) return parsedInteger(json) == integer_;
  if (!json.starts_with('"')) return false;
  if (json.find('\\') != json.npos) return acceptsText(unquoted(json));
  return acceptsText(json.substr(1, json.size() - 2));
}

bool Matcher::acceptsText(std::string_view text) const {
  const std::string& pattern = match_.pattern;
  switch (match_.by) {
    case MatchBy::Equals:
      return text == pattern;
    case MatchBy::NotEquals:
      return text != pattern;
    case MatchBy::Prefix:
      return text.starts_with(pattern);
    case MatchBy::Suffix:
      return text.ends_with(pattern);
    case MatchBy::Contains:
      return text.find(pattern) != text.npos;
    case MatchBy::Regex:
      return re2::RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *expression_);
    case MatchBy::All:
    case MatchBy::Integer:
      break;
  }
  return match_.by == MatchBy::All;
}

}  // namespace hexpage
