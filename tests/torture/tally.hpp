// Counts what a run tried and found, says each failure at once with how to run it again, and knows
// when time is up.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>

#include "options.hpp"

namespace hexpage::torture {

class Tally {
 public:
  explicit Tally(const Options& options) : options_(options) {}

  // Whether there is time for another point. False too after twenty printed failures: they say
  // enough.
  bool goesOn() const;

  void point() { ++points_; }
  // A figure for the summary, as "killed again in recovery".
  void count(const std::string& what, std::uint64_t n = 1) { counts_[what] += n; }
  // The largest of all values of that name, in ms.
  void longest(const std::string& what, std::chrono::milliseconds took);
  // `again` are the flags that run this point alone. Only the first two of a kind are printed.
  void failure(const std::string& kind, const std::string& what, const std::string& again);

  // Prints the summary; the exit code: 1 after a failure or when nothing was tried.
  int finish() const;

 private:
  const Options& options_;
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
  std::uint64_t points_ = 0;
  std::uint64_t failures_ = 0;
  std::uint64_t printed_ = 0;
  std::map<std::string, std::uint64_t> kinds_;
  std::map<std::string, std::uint64_t> counts_;
  std::map<std::string, std::chrono::milliseconds> longest_;
};

}  // namespace hexpage::torture
