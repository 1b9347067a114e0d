// Whether a place can keep what a store promises.
#pragma once

#include <hexpage/types.hpp>
#include <string>
#include <vector>

namespace hexpage {

// One of the things that a backend needs from the kernel and the filesystem.
struct Guarantee {
  std::string name;  // "exchange"
  bool holds = true;
  std::string words;  // what was found, and what follows from it
};

// Tries what the backend of the config needs, where its store is or would be; what it makes for
// that it removes. No store is opened or made, so it may be in use meanwhile. A backend that needs
// nothing has none. Throws InvalidArgument as Storage::checkConfig() does.
std::vector<Guarantee> examine(const Json& config);

}  // namespace hexpage
