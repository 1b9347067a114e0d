#include "document_edit.hpp"

#include <algorithm>
#include <hexpage/error.hpp>
#include <hexpage/json_text.hpp>
#include <optional>
#include <span>
#include <vector>

#include "support/header.hpp"
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

}  // namespace hexpage
