#include "bench/kv/measure.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>

namespace hexpage::bench {
namespace {

double wallNow() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration<double>(now).count();
}

double cpuNow() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

double statusMiB(const std::string& field) {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;)
    if (word == field + ":") {
      double kib = 0;
      status >> kib;
      return kib / 1024;
    }
  return 0;
}

template <class Each>
void forEachFile(const std::string& directory, Each&& each) {
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory))
    if (entry.is_regular_file()) each(entry.path().string());
}

}  // namespace

Watch::Watch() : wall_(wallNow()), cpu_(cpuNow()) {}
double Watch::seconds() const { return wallNow() - wall_; }
double Watch::cpuSeconds() const { return cpuNow() - cpu_; }

double peakMiB() { return statusMiB("VmHWM"); }
double anonymousMiB() { return statusMiB("RssAnon"); }

double diskMiB(const std::string& directory) {
  double bytes = 0;
  forEachFile(directory, [&](const std::string& file) {
    struct stat status {};
    if (::stat(file.c_str(), &status) == 0) bytes += static_cast<double>(status.st_blocks) * 512;
  });
  return bytes / (1 << 20);
}

void dropCache(const std::string& directory) {
  forEachFile(directory, [](const std::string& file) {
    const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) return;
    ::fdatasync(fd);
    ::posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
    ::close(fd);
  });
}

void touchMemory(std::uint64_t bytes) {
  void* const memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
  if (memory != MAP_FAILED) ::munmap(memory, bytes);
}

}  // namespace hexpage::bench
