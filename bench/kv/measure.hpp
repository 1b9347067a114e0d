// Time, memory and room of this process, and the page cache of its files.
#pragma once

#include <cstdint>
#include <string>

namespace hexpage::bench {

// Since it was made.
class Watch {
 public:
  Watch();
  double seconds() const;
  double cpuSeconds() const;  // of all threads

 private:
  double wall_, cpu_;
};

double peakMiB();       // of memory, mapped files counted
double anonymousMiB();  // of memory now, without mapped files
double diskMiB(const std::string& directory);
// Writes everything in it to the disk and has the system forget it.
void dropCache(const std::string& directory);
// Uses so much memory for a moment: a virtual machine gives unused memory back to its host, and the
// first touch after that costs seconds.
void touchMemory(std::uint64_t bytes);

}  // namespace hexpage::bench
