// The backends by name.
#pragma once

#include <hexpage/backend.hpp>
#include <map>
#include <string>
#include <vector>

namespace hexpage {

struct BackendEntry {
  BackendFactory make;
  BackendCheck check;  // may be empty
};
using BackendEntries = std::map<std::string, BackendEntry>;

// Those that come with hexpage; the one place in src/ that knows them.
BackendEntries builtinBackends();

// The names known now, sorted.
std::vector<std::string> backendNames();

}  // namespace hexpage
