// Tells people when the library stores a hash under another path than the one they gave.
#pragma once

#include <hexpage/storage.hpp>
#include <string>

#include "src/cli/program.hpp"

namespace hexpage::cli {

// For a hash that is there. A '/' at either end is no difference worth a word.
void noteStoredPath(const Program& program, Storage& storage, const std::string& given);

}  // namespace hexpage::cli
