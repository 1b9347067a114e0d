#include "document.hpp"

#include <simdjson.h>

#include <array>
#include <charconv>
#include <cmath>
#include <hexpage/error.hpp>
#include <hexpage/json_text.hpp>
#include <optional>
#include <utility>

#include "support/json_quote.hpp"
#include "support/json_scanner.hpp"

namespace hexpage {
namespace {

[[noreturn]] void refuseDocument(const std::string& why) {
  throw Error(Code::InvalidArgument, "invalid document: " + why);
}

void appendText(std::string& out, const Json& value, std::size_t depth);

template <class Number>
void appendNumber(std::string& out, Number number) {
  std::array<char, 24> digits;
  const char* const end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), static_cast<std::size_t>(end - digits.data()));
}

void appendReal(std::string& out, const Json& value) {
  if (!std::isfinite(value.get<double>())) refuseDocument("a number that is not finite");
  out += value.dump();
}

void appendObject(std::string& out, const Json::object_t& object, std::size_t depth) {
  char before = '{';
  for (const auto& [name, value] : object) {
    out += std::exchange(before, ',');
    appendQuoted(out, name);
    out += ':';
    appendText(out, value, depth + 1);
  }
  out += object.empty() ? "{}" : "}";
}

void appendArray(std::string& out, const Json::array_t& array, std::size_t depth) {
  char before = '[';
  for (const Json& value : array) {
    out += std::exchange(before, ',');
    appendText(out, value, depth + 1);
  }
  out += array.empty() ? "[]" : "]";
}

// What dump() writes, in a quarter of its time. Refuses what dump() would write as null or in words
// of its own, and a depth that the recursion might not survive.
void appendText(std::string& out, const Json& value, std::size_t depth) {
  if (value.is_structured() && depth > kMaxDepth)
    refuseDocument("nested deeper than " + std::to_string(kMaxDepth));
  switch (value.type()) {
    case Json::value_t::object:
      return appendObject(out, value.get_ref<const Json::object_t&>(), depth);
    case Json::value_t::array:
      return appendArray(out, value.get_ref<const Json::array_t&>(), depth);
    case Json::value_t::string:
      return appendQuoted(out, value.get_ref<const std::string&>());
    case Json::value_t::number_integer:
      return appendNumber(out, value.get<std::int64_t>());
    case Json::value_t::number_unsigned:
      return appendNumber(out, value.get<std::uint64_t>());
    case Json::value_t::number_float:
      return appendReal(out, value);
    case Json::value_t::boolean:
      out += value.get<bool>() ? "true" : "false";
      return;
    case Json::value_t::null:
      out += "null";
      return;
    case Json::value_t::binary:
    case Json::value_t::discarded:
      refuseDocument("a value that JSON does not have");
  }
}

// Of a member that a file has twice the last one counts, as in JavaScript. Only narrow objects are
// searched: hexpage stores no such document itself, and a wide one would cost its square.
void addMember(Json::object_t& object, std::string_view name, Json value) {
  constexpr std::size_t kSearched = 64;
  if (object.size() < kSearched)
    for (auto& [other, old] : object)
      if (other == name) {
        old = std::move(value);
        return;
      }
  object.Container::emplace_back(std::string(name), std::move(value));
}

Json fromDom(simdjson::dom::element element) {
  using simdjson::dom::element_type;
  switch (element.type()) {
    case element_type::OBJECT: {
      Json::object_t object;
      const simdjson::dom::object members = element;
      object.reserve(members.size());
      for (const auto& [name, value] : members) addMember(object, name, fromDom(value));
      return object;
    }
    case element_type::ARRAY: {
      Json::array_t array;
      const simdjson::dom::array elements = element;
      array.reserve(elements.size());
      for (const auto value : elements) array.push_back(fromDom(value));
      return array;
    }
    case element_type::STRING:
      return std::string(std::string_view(element));
    case element_type::INT64: {
      const std::int64_t number = element;
      if (number >= 0) return static_cast<std::uint64_t>(number);
      return number;
    }
    case element_type::UINT64:
      return std::uint64_t(element);
    case element_type::DOUBLE:
      return double(element);
    case element_type::BOOL:
      return bool(element);
    case element_type::NULL_VALUE:
      return nullptr;
  }
  return nullptr;
}

// simdjson refuses integers beyond 64 bits and reals beyond doubles, which a file may hold.
std::optional<Json> parseFast(std::string_view text) {
  thread_local simdjson::dom::parser parser;
  simdjson::dom::element element;
  const simdjson::padded_string padded(text);
  if (parser.parse(padded).get(element) != simdjson::SUCCESS) return std::nullopt;
  return fromDom(element);
}

bool isUnit(std::string_view text, std::size_t at, std::string_view highDigits) {
  return text.substr(at, 2) == "\\u" && at + 6 <= text.size() &&
         (text[at + 2] == 'd' || text[at + 2] == 'D') &&
         highDigits.find(text[at + 3]) != std::string_view::npos;
}

// JavaScript's strings may hold half of a surrogate pair; in UTF-8 it is U+FFFD.
std::string withoutHalfPairs(std::string_view text) {
  constexpr std::string_view kHigh = "89abAB", kLow = "cdefCDEF";
  std::string out(text);
  for (std::size_t at = out.find('\\'); at != std::string::npos; at = out.find('\\', at)) {
    const bool isPair = isUnit(out, at, kHigh) && isUnit(out, at + 6, kLow);
    const bool isHalf = !isPair && (isUnit(out, at, kHigh) || isUnit(out, at, kLow));
    if (isHalf) out.replace(at, 6, "\\ufffd");
    at += isPair ? 12 : isHalf ? 6 : 2;
  }
  return out;
}

Json parseSlowly(std::string_view text) {
  try {
    return Json::parse(text);
  } catch (const Json::exception& e) {
    throw Error(Code::InvalidArgument,
                std::string("JSON beyond what a Json value holds; read its text: ") + e.what());
  }
}

bool isJson(std::string_view text) {
  try {
    JsonScanner scanner(text);
    scanner.value();
    scanner.end();
    return true;
  } catch (const JsonError&) {
    return false;
  }
}

}  // namespace

std::string toText(const Json& value) {
  std::string text;
  text.reserve(128);
  appendText(text, value, 1);
  // Each string lies between quotes, so one that is not UTF-8 makes none of the whole.
  if (!simdjson::validate_utf8(text.data(), text.size()))
    refuseDocument("a string that is not UTF-8");
  if (text.size() > kMaxDocumentBytes)
    refuseDocument(std::to_string(text.size()) + " bytes; at most " +
                   std::to_string(kMaxDocumentBytes));
  return text;
}

Json parseJson(std::string_view text) {
  if (auto value = parseFast(text)) return std::move(*value);
  validateDocument(text);
  return parseSlowly(text);
}

Json parseStored(std::string_view text) {
  if (auto value = parseFast(text)) return std::move(*value);
  return parseSlowly(withoutHalfPairs(text));
}

Json stored(std::string_view path, std::string_view key, std::string_view text) {
  try {
    return parseStored(text);
  } catch (const Error& e) {
    const std::string where = std::string(path) + (key.empty() ? "" : ": " + std::string(key));
    throw Error(isJson(text) ? e.code() : Code::Corrupt, where + ": " + e.what());
  }
}

}  // namespace hexpage
