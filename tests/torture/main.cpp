// hexpage_torture: see scripts/torture.
#include <exception>
#include <iostream>
#include <map>

#include "modes.hpp"

int main(int argc, char** argv) {
  using namespace hexpage::torture;
  static const std::map<std::string, int (*)(const Options&)> kModes{
      {"kill", runKill},       {"race", runRace},   {"fault", runFault},    {"full", runFull},
      {"corrupt", runCorrupt}, {"power", runPower}, {"ext4cut", runExt4Cut}};
  try {
    const Options options = parseOptions(argc, argv);
    const auto mode = kModes.find(options.mode);
    if (mode == kModes.end()) throw std::invalid_argument("unknown mode " + options.mode);
    return mode->second(options);
  } catch (const std::invalid_argument& e) {
    std::cerr << "hexpage_torture: " << e.what() << "\n" << usage();
    return 2;
  } catch (const std::exception& e) {
    std::cerr << "hexpage_torture: " << e.what() << "\n";
    return 2;
  }
}
