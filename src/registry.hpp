// The backends by name.
#pragma once

#include <hexpage/backend.hpp>
#include <map>
#include <string>
#include <vector>

namespace hexpage {

using BackendFactories = std::map<std::string, BackendFactory>;

// Those that come with hexpage; the one place in src/ that knows them.
BackendFactories builtinBackends();

// The names known now, sorted.
std::vector<std::string> backendNames();

}  // namespace hexpage
