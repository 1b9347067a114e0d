// Changes inside a document's text that leave the rest of it as it was written.
#pragma once

#include <hexpage/types.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hexpage {

// Assigns each member of `changes` by its path into the document (see Hashes::hashUpdate). Throws
// InvalidArgument for a step into what has no members, or changes that are no object.
std::string updated(std::string_view document, const Json& changes);

// JSON Merge Patch, RFC 7396.
std::string merged(std::string_view document, const Json& patch);

// A path into a document as its steps. "" has none and is the document itself; else as in
// hashUpdate, and "tags[0]" is "tags.0"; `\[` stands for itself.
std::vector<std::string> memberPath(std::string_view path);

// The text of the value under the steps, a part of the document; nullopt when there is none. The
// document must be valid.
std::optional<std::string_view> valueAt(std::string_view document,
                                        std::span<const std::string> steps);

// The document with a JSON text as the value under the steps. Throws as updated().
std::string withValueAt(std::string_view document, std::span<const std::string> steps,
                        std::string_view value);

}  // namespace hexpage
