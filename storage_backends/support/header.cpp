#include "support/header.hpp"

#include <algorithm>
#include <charconv>
#include <hexpage/json_text.hpp>

#include "support/json_scanner.hpp"
#include "support/members.hpp"

namespace hexpage {
namespace {

void orderAsJavaScript(std::vector<Member>& members) {
  std::stable_sort(members.begin(), members.end(), [](const Member& a, const Member& b) {
    const auto x = integerLike(unquoted(a.name)), y = integerLike(unquoted(b.name));
    return x && y ? *x < *y : x.has_value() && !y;
  });
}

template <class Number>
std::optional<Number> wholeNumber(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// The reference stores any page_size; "7" works there as 7. What never made sense is the default.
std::size_t pageSizeOf(std::string_view text) {
  if (text.size() > 2 && text.front() == '"') text = text.substr(1, text.size() - 2);
  const auto size = wholeNumber<std::size_t>(text);
  return size && *size > 0 ? std::min(*size, kMaxPageSize) : kDefaultPageSize;
}

}  // namespace

Header Header::make(std::string_view options, Style style) {
  std::vector<Member> members = membersOf(options);
  memberNamed(members, "length").text = "0";
  memberNamed(members, "type").text = "\"hash\"";
  orderAsJavaScript(members);
  return *parse(styled(objectOf(members), style));
}

std::optional<Header> Header::parse(std::string text) {
  JsonScanner scanner(text);
  if (scanner.peek() != '{') {
    scanner.value();
    scanner.end();
    return std::nullopt;
  }
  Header header;
  std::string_view type;
  bool hasLength = false;
  scanner.object([&](Span nameSpan) {
    const std::string_view name = scanner.slice(nameSpan);
    const Span value = scanner.value();
    if (spells(name, "type")) type = scanner.slice(value);
    if (spells(name, "page_size")) header.pageSize_ = pageSizeOf(scanner.slice(value));
    if (!spells(name, "length")) return;
    header.lengthBegin_ = value.begin;
    header.lengthEnd_ = value.end;
    // The reference can count below zero; such a length is wrong, not unreadable.
    const auto length = wholeNumber<std::int64_t>(scanner.slice(value));
    hasLength = length.has_value();
    header.length_ = static_cast<std::uint64_t>(std::max<std::int64_t>(length.value_or(0), 0));
  });
  scanner.end();
  if (!spells(type, "hash")) return std::nullopt;
  if (!hasLength) throw JsonError("hash header without a whole number as its length", 0);
  header.text_ = std::move(text);
  return header;
}

HashInfo Header::info(std::string_view path) const {
  return {std::string(path), length_, pageSize_, options()};
}

Json Header::options() const {
  Json options;
  try {
    options = Json::parse(text_);
  } catch (const Json::exception& e) {  // a number or a string that Json can not hold
    throw JsonError(e.what(), 0);
  }
  options.erase("type");
  options.erase("length");
  return options;
}

bool Header::hasOptionsOf(const Header& other) const {
  const std::string_view mine = text_, its = other.text_;
  return mine.substr(0, lengthBegin_) == its.substr(0, other.lengthBegin_) &&
         mine.substr(lengthEnd_) == its.substr(other.lengthEnd_);
}

void Header::setLength(std::uint64_t length) {
  const std::string digits = std::to_string(length);
  text_.replace(lengthBegin_, lengthEnd_ - lengthBegin_, digits);
  lengthEnd_ = lengthBegin_ + digits.size();
  length_ = length;
}

void Header::setStyle(Style style) {
  if (styleOf(text_) != style) *this = *parse(styled(text_, style));
}

std::optional<Style> styleOf(std::string_view text) {
  if (text.starts_with("{\n\t\"")) return Style::Pretty;
  if (text.starts_with("{\"") || text.starts_with("{}")) return Style::Compact;
  return std::nullopt;
}

std::string styled(std::string_view text, Style style) {
  return style == Style::Compact ? minified(text) : indented(text);
}

std::optional<std::uint32_t> integerLike(std::string_view name) {
  if (name.empty() || name.size() > 10 || name[0] < '0' || name[0] > '9') return std::nullopt;
  if (name[0] == '0' && name.size() > 1) return std::nullopt;
  const auto number = wholeNumber<std::uint64_t>(name);
  if (!number || *number > 4294967294) return std::nullopt;
  return static_cast<std::uint32_t>(*number);
}

}  // namespace hexpage
