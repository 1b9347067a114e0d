// What a round measures: figures by name. Those of operations are nanoseconds each, over all
// threads together; those of a whole hash milliseconds; and bytes for each item.
#pragma once

#include <map>
#include <string>

namespace hexpage::bench {

using Figures = std::map<std::string, double>;

inline constexpr int kHotOperations = 1'000'000;
inline constexpr int kItems = 100'000;

// One round of each subject. With two threads only the operations are measured.
Figures measureHexpage(int threads);
Figures measureMap(int threads);  // std::unordered_map<std::string, std::string> under one mutex
// Runs Kamailio with the config file, its interpreter's empty loop subtracted. Throws
// std::runtime_error with the reason when that can not be.
Figures measureKamailio(int processes, const std::string& configFile);

}  // namespace hexpage::bench
