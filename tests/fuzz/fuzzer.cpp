// The libFuzzer program: scripts/fuzz runs it. `--target=NAME` chooses what reads the bytes;
// `--write-seeds=DIRECTORY` only writes the target's first inputs there.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <iostream>

#include "targets.hpp"

namespace {

using hexpage::fuzz::Target;

const Target* chosen = nullptr;

const Target* find(const std::string& name) {
  for (const Target& target : hexpage::fuzz::targets())
    if (target.name == name) return &target;
  std::cerr << "no such target: \"" << name << "\"; there are:";
  for (const Target& target : hexpage::fuzz::targets()) std::cerr << " " << target.name;
  std::cerr << "\n";
  std::exit(2);
}

void writeSeeds(const Target& target, const std::string& directory) {
  int n = 0;
  for (const std::string& seed : target.seeds())
    std::ofstream(directory + "/seed-" + std::to_string(++n), std::ios::binary) << seed;
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv) {
  std::string seedDirectory;
  std::string name;
  for (int i = 1; i < *argc; ++i) {
    const std::string word = (*argv)[i];
    if (word.rfind("--target=", 0) == 0) name = word.substr(9);
    if (word.rfind("--write-seeds=", 0) == 0) seedDirectory = word.substr(14);
  }
  chosen = find(name);
  if (seedDirectory.empty()) return 0;
  writeSeeds(*chosen, seedDirectory);
  std::exit(0);
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  chosen->run({reinterpret_cast<const char*>(data), size});
  return 0;
}
