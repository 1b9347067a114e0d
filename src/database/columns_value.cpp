#include "src/database/columns_value.hpp"

#include <algorithm>
#include <hexpage/error.hpp>
#include <hexpage/json_text.hpp>

#include "support/json_scanner.hpp"

namespace hexpage {
namespace {

using Texts = std::vector<std::optional<std::string>>;

[[noreturn]] void refuse(const std::string& why) { throw Error(Code::InvalidArgument, why); }

std::string jsonOf(const Cell& cell) {
  if (!cell.text) return "null";
  // NaN and Infinity are numbers of a database, but not of JSON.
  const bool isJson = cell.isNumber && cell.text->find_first_of("NnIi") == cell.text->npos;
  return isJson ? std::string(*cell.text) : jsonString(*cell.text);
}

std::string objectOf(const DatabaseTable& table, std::span<const Cell> cells) {
  std::string text = "{";
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (i > 0) text += ',';
    text += jsonString(table.columns[i + 1]) + ":" + jsonOf(cells[i]);
  }
  return text + "}";
}

std::string stringOf(const DatabaseTable& table, std::span<const Cell> cells) {
  std::string text;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (i > 0) text += table.delimiter;
    text += cells[i].text.value_or(table.nullText);
  }
  return jsonString(text);
}

std::optional<std::string> textOf(std::string_view name, std::string_view value) {
  switch (value.front()) {
    case 'n':
      return std::nullopt;
    case '"':
      return unquoted(value);
    case '{':
    case '[':
    case 't':
    case 'f':
      refuse("no text, number or null for the column " + std::string(name));
    default:
      return std::string(value);
  }
}

Texts textsOfObject(const DatabaseTable& table, std::string_view value) {
  JsonScanner scanner(value);
  if (scanner.peek() != '{') refuse("no object of the columns");
  Texts texts(table.columns.size() - 1);
  std::vector<bool> isThere(texts.size());
  const auto first = table.columns.begin() + 1;
  scanner.object([&](Span member) {
    const std::string name = unquoted(scanner.slice(member));
    const auto column = std::find(first, table.columns.end(), name);
    if (column == table.columns.end()) refuse("no column for the member " + name);
    const auto i = static_cast<std::size_t>(column - first);
    texts[i] = textOf(name, scanner.slice(scanner.value()));
    isThere[i] = true;
  });
  const auto missing = std::find(isThere.begin(), isThere.end(), false);
  if (missing != isThere.end())
    refuse("no member for the column " + first[missing - isThere.begin()]);
  return texts;
}

std::vector<std::string> partsOf(const std::string& text, const std::string& delimiter) {
  std::vector<std::string> parts;
  std::size_t begin = 0;
  for (std::size_t end; (end = text.find(delimiter, begin)) != text.npos;
       begin = end + delimiter.size())
    parts.push_back(text.substr(begin, end - begin));
  parts.push_back(text.substr(begin));
  return parts;
}

Texts textsOfString(const DatabaseTable& table, std::string_view value) {
  const std::size_t columns = table.columns.size() - 1;
  if (!value.starts_with('"')) refuse("no string of the columns");
  const std::string text = unquoted(value);
  // One column's text has no delimiter beside it, so any in it is its own.
  const std::vector<std::string> parts =
      columns == 1 ? std::vector{text} : partsOf(text, table.delimiter);
  if (parts.size() != columns)
    refuse(std::to_string(parts.size()) + " texts between the delimiters, not one for each of " +
           std::to_string(columns) + " columns");
  Texts texts;
  for (const std::string& part : parts)
    texts.push_back(part == table.nullText ? std::nullopt : std::optional(part));
  return texts;
}

}  // namespace

std::string packedColumns(const DatabaseTable& table, std::span<const Cell> cells) {
  return table.delimiter.empty() ? objectOf(table, cells) : stringOf(table, cells);
}

std::vector<std::optional<std::string>> unpackedColumns(const DatabaseTable& table,
                                                        std::string_view value) {
  const std::size_t begin = std::min(value.find_first_not_of(" \t\r\n"), value.size());
  const std::string_view text = value.substr(begin);
  return table.delimiter.empty() ? textsOfObject(table, text) : textsOfString(table, text);
}

}  // namespace hexpage
