#include "support/mapping.hpp"

#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <hexpage/error.hpp>
#include <mutex>

#include "support/fd.hpp"

namespace hexpage {
namespace {

struct Guarded {
  std::atomic<std::uintptr_t> begin{0};  // 0: free
  std::atomic<std::uintptr_t> end{0};
  std::atomic<bool> failed{false};
};

// What the handler looks at, without a lock. A store of a tebibyte has two mappings for each of its
// 16,384 segments.
constexpr std::size_t kMaxMappings = 65'536;
Guarded guards[kMaxMappings];
std::atomic<std::size_t> guardsUsed{0};
std::mutex guardsMutex;
struct sigaction previousAction;
const std::uintptr_t pageBytes = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));

Guarded* guardOf(std::uintptr_t address) {
  const std::size_t used = guardsUsed.load(std::memory_order_acquire);
  for (std::size_t i = 0; i < used; ++i) {
    const std::uintptr_t begin = guards[i].begin.load(std::memory_order_acquire);
    if (begin != 0 && address >= begin && address < guards[i].end.load()) return &guards[i];
  }
  return nullptr;
}

// Only what may be called in a signal handler.
void onBusError(int signal, siginfo_t* info, void* context) {
  const auto address = reinterpret_cast<std::uintptr_t>(info->si_addr);
  if (Guarded* guard = guardOf(address)) {
    void* const page = reinterpret_cast<void*>(address & ~(pageBytes - 1));
    if (::mmap(page, pageBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
               0) == page) {
      guard->failed.store(true, std::memory_order_release);
      return;
    }
  }
  if ((previousAction.sa_flags & SA_SIGINFO) != 0)
    return previousAction.sa_sigaction(signal, info, context);
  if (previousAction.sa_handler != SIG_DFL && previousAction.sa_handler != SIG_IGN)
    return previousAction.sa_handler(signal);
  ::signal(signal, SIG_DFL);  // the access is repeated, and ends the process as it would have
}

void installHandler() {
  static std::once_flag once;
  std::call_once(once, [] {
    struct sigaction action {};
    action.sa_sigaction = onBusError;
    action.sa_flags = SA_SIGINFO | SA_NODEFER;
    ::sigemptyset(&action.sa_mask);
    ::sigaction(SIGBUS, &action, &previousAction);
  });
}

std::size_t addGuard(char* begin, std::size_t bytes) {
  installHandler();
  const std::scoped_lock lock(guardsMutex);
  std::size_t i = 0;
  const std::size_t used = guardsUsed.load();
  while (i < used && guards[i].begin.load() != 0) ++i;
  if (i == kMaxMappings) throw Error(Code::Io, "more than 65536 mapped files in this process");
  guards[i].failed = false;
  guards[i].end = reinterpret_cast<std::uintptr_t>(begin) + bytes;
  guards[i].begin.store(reinterpret_cast<std::uintptr_t>(begin), std::memory_order_release);
  if (i == used) guardsUsed.store(used + 1, std::memory_order_release);
  return i;
}

}  // namespace

Mapping::Mapping(int fd, std::size_t bytes, bool isWritable, const std::string& file,
                 std::uint64_t offset)
    : bytes_(bytes) {
  const int protection = isWritable ? PROT_READ | PROT_WRITE : PROT_READ;
  void* const data = ::mmap(nullptr, bytes, protection, MAP_SHARED, fd, static_cast<off_t>(offset));
  if (data == MAP_FAILED) throwSystem("map", file);
  data_ = static_cast<char*>(data);
  try {
    guard_ = addGuard(data_, bytes);
  } catch (...) {
    ::munmap(data_, bytes_);
    throw;
  }
  failed_ = &guards[guard_].failed;
}

Mapping::~Mapping() {
  guards[guard_].begin.store(0, std::memory_order_release);
  ::munmap(data_, bytes_);
}

}  // namespace hexpage
