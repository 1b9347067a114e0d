// The options of a hash that is about to be made.
#pragma once

#include <hexpage/types.hpp>
#include <string>

namespace hexpage {

struct Session;

// Their text, with a page size in it. Throws InvalidArgument unless `options` is an object, or null
// for none.
std::string optionsText(const Session& session, const Json& options);

}  // namespace hexpage
