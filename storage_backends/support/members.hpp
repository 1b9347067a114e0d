// The members of an object and the elements of an array as texts, to change one and keep the rest.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hexpage {

struct Member {
  std::string name;  // the JSON string, with its quotes
  std::string text;  // of the value
};

// Both throw JsonError unless the text is a valid object or array.
std::vector<Member> membersOf(std::string_view object);
std::vector<std::string> elementsOf(std::string_view array);

std::string objectOf(const std::vector<Member>& members);
std::string arrayOf(const std::vector<std::string>& elements);

// The member of that name (decoded); nullptr when there is none. Of two the last, as in JavaScript.
Member* findMember(std::vector<Member>& members, std::string_view name);
// The same; appends one with no text when there is none.
Member& memberNamed(std::vector<Member>& members, std::string_view name);

}  // namespace hexpage
