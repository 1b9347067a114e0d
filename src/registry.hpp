// The backends by name.
#pragma once

#include <functional>
#include <hexpage/backend.hpp>
#include <hexpage/doctor.hpp>
#include <map>
#include <string>
#include <vector>

namespace hexpage {

struct BackendEntry {
  BackendFactory make;
  BackendCheck check;  // may be empty
  // Of those that come with hexpage: see examine(). May be empty.
  std::function<std::vector<Guarantee>(const Json& section, const CommonSettings& common)> examine =
      {};
};
using BackendEntries = std::map<std::string, BackendEntry>;

// Those that come with hexpage; the one place in src/ that knows them.
BackendEntries builtinBackends();

std::vector<Guarantee> examineBackend(const std::string& name, const Json& section,
                                      const CommonSettings& common);

// The names known now, sorted.
std::vector<std::string> backendNames();

}  // namespace hexpage
