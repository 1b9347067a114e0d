// JSON as text: what a service needs to check, shrink and quote documents it never parses.
#pragma once

#include <hexpage/types.hpp>
#include <string>
#include <string_view>

namespace hexpage {

// Throws InvalidArgument with the reason and the byte offset unless the text is one JSON document
// that hexpage stores (see hashes.hpp): syntax, UTF-8, depth, size, no member twice.
void validateDocument(std::string_view text);

// The text without white space between tokens. The text must be valid.
std::string minified(std::string_view text);

// The text as JSON.stringify(value, null, "\t") lays it out, its lines after the first indented by
// `depth` tabs more. The text must be valid. Numbers and strings keep their spelling.
std::string indented(std::string_view text, std::size_t depth = 0);

// The valid text with every character but the printable ones of ASCII as \u escapes.
std::string asciiOnly(std::string_view text);

// A JSON string of the UTF-8 text, escaped as JSON.stringify does.
std::string jsonString(std::string_view utf8);

// A document's text: compact, UTF-8. Throws InvalidArgument for what hexpage does not store.
std::string toText(const Json& value);

// Parses a document; of a member that is there twice the last one counts. Otherwise throws
// InvalidArgument as validateDocument does, and for numbers beyond what a Json holds, as 1e400 is.
Json parseJson(std::string_view text);

}  // namespace hexpage
