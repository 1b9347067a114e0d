// How a text is written as a JSON string.
#pragma once

#include <string>
#include <string_view>

namespace hexpage {

// Appends the literal of a UTF-8 text, with its quotes, escaped as JSON.stringify does.
void appendQuoted(std::string& out, std::string_view utf8);

// Appends \uXXXX.
void appendUnit(std::string& out, unsigned unit);

}  // namespace hexpage
