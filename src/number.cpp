#include "number.hpp"

#include <charconv>
#include <cmath>
#include <hexpage/error.hpp>
#include <hexpage/json_text.hpp>
#include <optional>

namespace hexpage {
namespace {

std::string_view kindOf(char first) {
  switch (first) {
    case '"':
      return "a string";
    case '{':
      return "an object";
    case '[':
      return "an array";
    case 'n':
      return "null";
    default:
      return "true or false";
  }
}

template <class T>
T parsedAs(std::string_view digits) {
  T value{};
  const char* const last = digits.data() + digits.size();
  const auto [end, error] = std::from_chars(digits.data(), last, value);
  if (error == std::errc() && end == last) return value;
  const char* const limit = std::is_integral_v<T> ? "64 bits" : "a double";
  throw Error(Code::InvalidArgument,
              "a number beyond " + std::string(limit) + ": " + std::string(digits.substr(0, 40)));
}

double asDouble(const Number& number) {
  return std::visit([](auto value) { return static_cast<double>(value); }, number);
}

[[noreturn]] void throwOverflow(const Number& a, char sign, const Number& b) {
  throw Error(Code::InvalidArgument,
              "the result does not fit: " + textOf(a) + " " + sign + " " + textOf(b));
}

Number finite(double result, const Number& a, char sign, const Number& b) {
  if (!std::isfinite(result)) throwOverflow(a, sign, b);
  return result;
}

// Up to 18 digits, with a sign or without, and nothing else, as nearly always.
std::optional<std::int64_t> shortInteger(std::string_view json) {
  const bool isNegative = json.starts_with('-');
  const std::string_view digits = json.substr(isNegative ? 1 : 0);
  if (digits.empty() || digits.size() > 18) return std::nullopt;
  std::int64_t value = 0;
  for (const char digit : digits) {
    if (digit < '0' || digit > '9') return std::nullopt;
    value = value * 10 + (digit - '0');
  }
  return isNegative ? -value : value;
}

}  // namespace

Number parseNumber(std::string_view json) {
  if (const auto integer = shortInteger(json)) return *integer;
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t begin = json.find_first_not_of(kSpace);
  const std::string_view digits = json.substr(begin, json.find_last_not_of(kSpace) + 1 - begin);
  if (digits[0] != '-' && (digits[0] < '0' || digits[0] > '9'))
    throw Error(Code::InvalidArgument, "no number but " + std::string(kindOf(digits[0])));
  if (digits.find_first_of(".eE") == digits.npos) return parsedAs<std::int64_t>(digits);
  return parsedAs<double>(digits);
}

Number numberOf(const Json& value) {
  if (value.is_number_integer() && !value.is_number_unsigned()) return value.get<std::int64_t>();
  return parseNumber(toText(value));
}

std::string textOf(const Number& number) {
  if (const auto* const integer = std::get_if<std::int64_t>(&number))
    return std::to_string(*integer);
  return toText(jsonOf(number));
}

Json jsonOf(const Number& number) {
  return std::visit([](auto value) { return Json(value); }, number);
}

Number sum(const Number& a, const Number& b) {
  const auto* const left = std::get_if<std::int64_t>(&a);
  const auto* const right = std::get_if<std::int64_t>(&b);
  if (!left || !right) return finite(asDouble(a) + asDouble(b), a, '+', b);
  std::int64_t result = 0;
  if (__builtin_add_overflow(*left, *right, &result)) throwOverflow(a, '+', b);
  return result;
}

Number difference(const Number& a, const Number& b) {
  const auto* const left = std::get_if<std::int64_t>(&a);
  const auto* const right = std::get_if<std::int64_t>(&b);
  if (!left || !right) return finite(asDouble(a) - asDouble(b), a, '-', b);
  std::int64_t result = 0;
  if (__builtin_sub_overflow(*left, *right, &result)) throwOverflow(a, '-', b);
  return result;
}

}  // namespace hexpage
