// Changes inside a document's text that leave the rest of it as it was written.
#pragma once

#include <hexpage/types.hpp>
#include <string>
#include <string_view>

namespace hexpage {

// Assigns each member of `changes` by its path into the document (see Hashes::hashUpdate). Throws
// InvalidArgument for a step into what has no members, or changes that are no object.
std::string updated(std::string_view document, const Json& changes);

// JSON Merge Patch, RFC 7396.
std::string merged(std::string_view document, const Json& patch);

}  // namespace hexpage
