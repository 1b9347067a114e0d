// hexpage's side of bench/run. Prints its results as one line of JSON.
//
//   bench_side_by_side DIRECTORY KEYS             one round of every operation
//   bench_side_by_side --growth DIRECTORY KEYS    the cost of a put as the hash grows to KEYS
#include <exception>
#include <iostream>
#include <string>
#include <vector>

#include "growth.hpp"
#include "phases.hpp"

int main(int argc, char** argv) {
  std::vector<std::string> arguments(argv + 1, argv + argc);
  const bool isGrowth = !arguments.empty() && arguments.front() == "--growth";
  if (isGrowth) arguments.erase(arguments.begin());
  if (arguments.size() != 2) {
    std::cerr << "usage: bench_side_by_side [--growth] DIRECTORY KEYS\n";
    return 2;
  }
  try {
    const std::size_t keys = std::stoul(arguments[1]);
    std::cout << (isGrowth ? hexpage::bench::runGrowth(arguments[0], keys)
                           : hexpage::bench::runPhases(arguments[0], keys))
              << "\n";
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "bench_side_by_side: " << error.what() << "\n";
    return 1;
  }
}
