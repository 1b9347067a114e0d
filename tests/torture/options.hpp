// What scripts/torture was asked to do.
#pragma once

#include <chrono>
#include <cstdint>
#include <hexpage/types.hpp>
#include <optional>
#include <string>

namespace hexpage::torture {

struct Options {
  std::string mode;
  std::string backend = "raw";  // "raw", "md5", "binary", or a config as JSON text
  std::string durability = "crash";
  std::chrono::seconds seconds{60};
  std::uint64_t seed = 0;
  std::uint64_t most = 0;                     // points; 0: as many as the time allows
  std::uint64_t point = 0;                    // only this one of the first round; 0: all
  std::optional<std::uint64_t> syncInterval;  // in ms; how soon files follow the journal
  std::size_t processes = 1;                  // that work at once; the first is killed
  std::size_t threads = 1;                    // of each of them, in a race
  bool isOneFile = false;                     // only operations that replace one file
  bool isKillFree = false;                    // a race in which nobody is killed
  bool isSilenceAllowed = false;              // damage that is not noticed is only counted
  std::chrono::milliseconds openLimit{1000};

  // The same with this seed, which also chooses the interval unless it is given.
  Options forRound(std::uint64_t roundSeed) const;
  // The config of a store in that directory, with small pages.
  Json config(const std::string& dir) const;
  // The flags that run a round of this seed again.
  std::string flags(std::uint64_t roundSeed) const;
};

// Throws std::invalid_argument that says what is wrong.
Options parseOptions(int argc, char** argv);

std::string usage();

}  // namespace hexpage::torture
