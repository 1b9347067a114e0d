#include "support/members.hpp"

#include <algorithm>
#include <hexpage/json_text.hpp>

#include "support/json_scanner.hpp"

namespace hexpage {

std::vector<Member> membersOf(std::string_view object) {
  JsonScanner scanner(object);
  std::vector<Member> members;
  scanner.object([&](Span name) {
    members.push_back({std::string(scanner.slice(name)), {}});
    members.back().text = scanner.slice(scanner.value());
  });
  scanner.end();
  return members;
}

std::vector<std::string> elementsOf(std::string_view array) {
  JsonScanner scanner(array);
  std::vector<std::string> elements;
  scanner.expect('[');
  if (!scanner.accept(']')) {
    do elements.emplace_back(scanner.slice(scanner.value()));
    while (scanner.accept(','));
    scanner.expect(']');
  }
  scanner.end();
  return elements;
}

std::string objectOf(const std::vector<Member>& members) {
  std::string out = "{";
  for (const Member& member : members) {
    if (out.size() > 1) out += ',';
    out += member.name;
    out += ':';
    out += member.text;
  }
  return out += '}';
}

std::string arrayOf(const std::vector<std::string>& elements) {
  std::string out = "[";
  for (const std::string& element : elements) {
    if (out.size() > 1) out += ',';
    out += element;
  }
  return out += ']';
}

Member* findMember(std::vector<Member>& members, std::string_view name) {
  const auto found = std::find_if(members.rbegin(), members.rend(),
                                  [&](const Member& m) { return unquoted(m.name) == name; });
  return found == members.rend() ? nullptr : &*found;
}

Member& memberNamed(std::vector<Member>& members, std::string_view name) {
  if (Member* found = findMember(members, name)) return *found;
  return members.emplace_back(Member{jsonString(name), {}});
}

}  // namespace hexpage
