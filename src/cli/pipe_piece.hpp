// Pieces of the pipe's lines and answers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <hexpage/types.hpp>
#include <string>
#include <string_view>

#include "src/cli/pipe_line.hpp"

namespace hexpage::cli {

// The next piece of the line as a key: BADNAME or LIMIT for what is none.
std::string key(PipeLine& line);
void checkKeySize(std::string_view key);

// How many items are wanted: from 1 to 10,000, else BADREQ.
std::size_t itemCount(std::string_view word);

// Milliseconds above 0, else BADREQ.
Millis timeToLive(std::string_view word);

std::string ok(std::string_view what);
std::string ok(std::uint64_t number);

// Appends a document to an object in ASCII that is not closed yet.
void appendMember(std::string& object, const std::string& name, const std::string& text);

}  // namespace hexpage::cli
