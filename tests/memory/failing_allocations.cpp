#include "tests/memory/failing_allocations.hpp"

#include <dlfcn.h>
#include <execinfo.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <string_view>

namespace {

struct Countdown {
  std::size_t left = 0;  // until one fails; 0: none does
  bool allFail = false;  // once one has failed
  bool hasFailed = false;
};

thread_local constinit Countdown countdown;

// dladdr() goes through all symbols of the program, so what it says is kept.
bool isOfDestructorOfJson(void* frame) {
  struct Known {
    void* frame = nullptr;
    bool isOfDestructor = false;
  };
  thread_local constinit std::array<Known, 1 << 14> all{};
  Known& known = all[(reinterpret_cast<std::uintptr_t>(frame) * 0x9e3779b97f4a7c15u) >> 50];
  if (known.frame == frame) return known.isOfDestructor;
  Dl_info function{};
  const bool is =
      ::dladdr(frame, &function) != 0 && function.dli_sname != nullptr &&
      std::string_view(function.dli_sname).find("json_value7destroy") != std::string_view::npos;
  known = {frame, is};
  return is;
}

// The destructor of a nlohmann::basic_json allocates, and ends the process when it can not.
bool isInDestructorOfJson() {
  std::array<void*, 40> frames;
  const int count = ::backtrace(frames.data(), frames.size());
  return std::any_of(frames.begin(), frames.begin() + count, isOfDestructorOfJson);
}

bool fails() {
  if (countdown.hasFailed) return countdown.allFail && !isInDestructorOfJson();
  if (countdown.left == 0) return false;
  if (countdown.left > 1) {
    --countdown.left;
    return false;
  }
  if (isInDestructorOfJson()) return false;
  countdown.left = 0;
  return countdown.hasFailed = true;
}

void* allocate(std::size_t size, std::size_t alignment) {
  if (fails()) throw std::bad_alloc();
  const std::size_t rounded = (size / alignment + 1) * alignment;  // as aligned_alloc() wants it
  if (void* memory = std::aligned_alloc(alignment, rounded)) return memory;
  throw std::bad_alloc();
}

}  // namespace

void* operator new(std::size_t size) { return allocate(size, __STDCPP_DEFAULT_NEW_ALIGNMENT__); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  return allocate(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }

namespace hexpage::testing {

FailingAllocations::FailingAllocations(std::size_t nth, Then then) noexcept {
  static_cast<void>(isInDestructorOfJson());  // backtrace() allocates the first time
  countdown = {.left = nth, .allFail = then == Then::All};
}

bool FailingAllocations::end() noexcept {
  const bool hasFailed = countdown.hasFailed;
  countdown = {};
  return hasFailed;
}

}  // namespace hexpage::testing
