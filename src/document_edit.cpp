#include "document_edit.hpp"

#include <algorithm>
#include <hexpage/error.hpp>
#include <hexpage/json_text.hpp>

#include "support/header.hpp"
#include "support/json_scanner.hpp"
#include "support/members.hpp"

namespace hexpage {
namespace {

using Steps = std::span<const std::string>;

void refuseDepth(std::size_t depth) {
  if (depth > kMaxDepth)
    throw Error(Code::InvalidArgument, "a change nested deeper than " + std::to_string(kMaxDepth));
}

// "a.b/c\.d" is a, b, c.d. An empty step is skipped unless it is the last, as in the reference.
std::vector<std::string> stepsOf(std::string_view path) {
  std::vector<std::string> steps;
  std::string step;
  for (std::size_t i = 0; i < path.size(); ++i) {
    const bool escapes =
        path[i] == '\\' && i + 1 < path.size() && (path[i + 1] == '.' || path[i + 1] == '/');
    if (!escapes && (path[i] == '.' || path[i] == '/')) {
      if (!step.empty()) steps.push_back(std::move(step));
      step.clear();
    } else {
      step += path[escapes ? ++i : i];
    }
  }
  steps.push_back(std::move(step));
  refuseDepth(steps.size());
  return steps;
}

std::string assigned(std::string_view text, Steps steps, std::string_view value);

// The value under the steps that do not exist yet.
std::string wrapped(Steps steps, std::string_view value) {
  if (steps.empty()) return std::string(value);
  return "{" + jsonString(steps[0]) + ":" + wrapped(steps.subspan(1), value) + "}";
}

std::string assignedInObject(std::string_view object, Steps steps, std::string_view value) {
  std::vector<Member> members = membersOf(object);
  Member& member = memberNamed(members, steps[0]);
  member.text = member.text.empty() ? wrapped(steps.subspan(1), value)
                                    : assigned(member.text, steps.subspan(1), value);
  return objectOf(members);
}

std::string assignedInArray(std::string_view array, Steps steps, std::string_view value) {
  std::vector<std::string> elements = elementsOf(array);
  const auto index = integerLike(steps[0]);  // "01" is none
  if (!index || *index > elements.size())
    throw Error(Code::InvalidArgument, "update: \"" + steps[0] + "\" is no place in an array of " +
                                           std::to_string(elements.size()));
  if (*index == elements.size())
    elements.push_back(wrapped(steps.subspan(1), value));
  else
    elements[*index] = assigned(elements[*index], steps.subspan(1), value);
  return arrayOf(elements);
}

std::string assigned(std::string_view text, Steps steps, std::string_view value) {
  if (steps.empty()) return std::string(value);
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (text[first] == '{') return assignedInObject(text, steps, value);
  if (text[first] == '[') return assignedInArray(text, steps, value);
  throw Error(Code::InvalidArgument,
              "update: there is no member \"" + steps[0] + "\" in a value that is no object");
}

}  // namespace

std::string updated(std::string_view document, const Json& changes) {
  if (!changes.is_object())
    throw Error(Code::InvalidArgument, "the changes of an update must be an object");
  std::string text(document);
  for (const auto& [path, value] : changes.items())
    text = assigned(text, stepsOf(path), toText(value));
  return text;
}

namespace {

std::string mergedAt(std::string_view document, const Json& patch, std::size_t depth) {
  refuseDepth(depth);
  if (!patch.is_object()) return toText(patch);
  std::vector<Member> members;
  if (document.substr(document.find_first_not_of(" \t\r\n")).starts_with('{'))
    members = membersOf(document);
  for (const auto& [name, value] : patch.items()) {
    Member* member = findMember(members, name);
    if (value.is_null()) {
      if (member) members.erase(members.begin() + (member - members.data()));
    } else {
      const std::string before = member ? member->text : "null";
      memberNamed(members, name).text = mergedAt(before, value, depth + 1);
    }
  }
  return objectOf(members);
}

}  // namespace

std::string merged(std::string_view document, const Json& patch) {
  return mergedAt(document, patch, 1);
}

namespace {

// "tags[0]" as "tags.0". A bracket behind a backslash, or with anything but digits, is part of a
// name.
std::string withoutBrackets(std::string_view path) {
  std::string out;
  for (std::size_t i = 0; i < path.size(); ++i) {
    const std::size_t end =
        path[i] == '[' ? path.find_first_not_of("0123456789", i + 1) : path.npos;
    if (end != path.npos && end > i + 1 && path[end] == ']') {
      out.append(".").append(path.substr(i + 1, end - i - 1));
      i = end;
    } else if (path.substr(i, 2) == "\\[") {
      out += path[++i];
    } else {
      out += path[i];
    }
  }
  return out;
}

// Passes a value and gives the text of what lies in it under the steps.
std::optional<std::string_view> passed(JsonScanner& scanner, Steps steps) {
  if (steps.empty()) return scanner.slice(scanner.value());
  std::optional<std::string_view> found;
  if (scanner.peek() == '{') {
    scanner.object([&](Span name) {
      if (spells(scanner.slice(name), steps[0]))
        found = passed(scanner, steps.subspan(1));
      else
        scanner.value();
    });
  } else if (scanner.accept('[')) {
    const auto index = integerLike(steps[0]);
    if (scanner.accept(']')) return std::nullopt;
    for (std::size_t i = 0; i == 0 || scanner.accept(','); ++i)
      if (index == i)
        found = passed(scanner, steps.subspan(1));
      else
        scanner.value();
    scanner.expect(']');
  } else {
    scanner.value();
  }
  return found;
}

}  // namespace

std::vector<std::string> memberPath(std::string_view path) {
  if (path.empty()) return {};
  return stepsOf(withoutBrackets(path));
}

std::optional<std::string_view> valueAt(std::string_view document, Steps steps) {
  JsonScanner scanner(document);
  return passed(scanner, steps);
}

std::string withValueAt(std::string_view document, Steps steps, std::string_view value) {
  const auto old = valueAt(document, steps);
  if (!old) return assigned(document, steps, value);
  std::string out(document);
  return out.replace(static_cast<std::size_t>(old->data() - document.data()), old->size(), value);
}

}  // namespace hexpage
