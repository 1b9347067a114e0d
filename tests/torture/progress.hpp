// What a worker has done so far, in memory that it shares with who judges it: a store instruction
// acknowledges an operation, so that no system call stands between the two, and it outlives a
// SIGKILL.
#pragma once

#include <sys/mman.h>

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <new>
#include <string>

namespace hexpage::torture {

struct Progress {
  static constexpr std::size_t kMostOperations = 65'536;

  enum class Effect : std::uint8_t { Done, None };  // None: it failed, and nothing was done

  std::atomic<std::uint32_t> begun{0};         // operations, the open one among them
  std::atomic<std::uint32_t> acknowledged{0};  // those that have returned
  std::atomic<std::uint32_t> synced{0};        // acknowledged ones that a returned sync() covers
  std::atomic<Effect> effects[kMostOperations] = {};
  char failure[2000] = {};  // what a child that ends has found wrong; "" for nothing

  void say(const std::string& text) { std::snprintf(failure, sizeof failure, "%s", text.c_str()); }
};

struct Unmap {
  template <class T>
  void operator()(T* shared) const {
    ::munmap(static_cast<void*>(shared), sizeof(T));
  }
};

template <class T>
using Shared = std::unique_ptr<T, Unmap>;

// Zeroed memory that children made by fork() share.
template <class T>
Shared<T> makeShared() {
  void* const memory =
      ::mmap(nullptr, sizeof(T), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  return Shared<T>(new (memory) T);
}

}  // namespace hexpage::torture
