// The stages of the benchmark: each runs in a process of its own, over one engine, and says what it
// measured by name.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "bench/kv/peer.hpp"

namespace hexpage::bench {

using Figures = std::map<std::string, double>;

struct Run {
  const PeerKind& kind;
  std::string directory;  // for this engine alone
  std::uint64_t records;
};

struct Stage {
  std::string name;
  Figures (*run)(const Run& run);
};
const std::vector<Stage>& stages();

// The hash API over the engine beside the engine alone; nothing for an engine without it.
Figures hashes(const Run& run);

// How long a plain file takes for what a synced transaction has to write, in microseconds.
Figures bareSyncs(const std::string& directory, std::uint64_t records);

}  // namespace hexpage::bench
