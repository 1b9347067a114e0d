// Opens a store that something has happened to and compares it with what its workers know.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "options.hpp"
#include "workload.hpp"

namespace hexpage::torture {

// A worker's part of the store must be what its first n operations left, for an n in this range:
// from what was acknowledged (or is durable) to the operation that was open, whole.
struct Witness {
  const Workload* workload = nullptr;
  std::size_t atLeast = 0;
  std::size_t atMost = 0;
};

// How many of its operations the worker's part of what a store holds is the result of. Throws
// std::runtime_error when of no number that the witness allows.
std::size_t positionIn(const Contents& all, const Witness& witness);

// Opens the store, looks at every item, verifies, looks for files that nobody owns, writes to it,
// closes it and opens it again. Throws std::runtime_error that says what is wrong. Gives how long
// the first opening took; one longer than the options' limit is wrong, too.
std::chrono::milliseconds judge(const Options& options, const std::string& dir,
                                const std::vector<Witness>& witnesses);

}  // namespace hexpage::torture
