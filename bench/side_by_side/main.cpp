// hexpage's side of bench/run. Prints its results as one line of JSON.
#include <algorithm>
#include <exception>
#include <functional>
#include <iostream>
#include <map>
#include <string>
#include <vector>

#include "growth.hpp"
#include "phases.hpp"
#include "together.hpp"

namespace {

using hexpage::Json;
using Arguments = std::vector<std::string>;

constexpr const char* kUsage =
    "usage: bench_side_by_side phases DIRECTORY KEYS      one round of every operation\n"
    "       bench_side_by_side together DIRECTORY         threads and processes at once\n"
    "       bench_side_by_side growth DIRECTORY KEYS      a put's cost as the hash grows to KEYS\n"
    "       bench_side_by_side load DIRECTORY FROM TO     puts the keys from FROM up to TO\n";

struct Mode {
  std::size_t arguments;
  std::function<Json(const Arguments&)> run;
};

std::size_t count(const std::string& text) { return std::stoul(text); }

const std::map<std::string, Mode> kModes = {
    {"phases",
     {2, [](const Arguments& a) { return hexpage::bench::runPhases(a[0], count(a[1])); }}},
    {"together", {1, [](const Arguments& a) { return hexpage::bench::runTogether(a[0]); }}},
    {"growth",
     {2, [](const Arguments& a) { return hexpage::bench::runGrowth(a[0], count(a[1])); }}},
    {"load",
     {3,
      [](const Arguments& a) {
        hexpage::bench::load(a[0], count(a[1]), count(a[2]));
        return Json::object();
      }}},
};

}  // namespace

int main(int argc, char** argv) {
  const auto mode = kModes.find(argc > 1 ? argv[1] : "");
  const Arguments arguments(argv + std::min(argc, 2), argv + argc);
  if (mode == kModes.end() || mode->second.arguments != arguments.size()) {
    std::cerr << kUsage;
    return 2;
  }
  try {
    std::cout << mode->second.run(arguments) << "\n";
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "bench_side_by_side: " << error.what() << "\n";
    return 1;
  }
}
