// The operations of one worker: a sequence that its seed alone decides, so that who judges a store
// after a crash knows it without being told. A worker has hashes and records of its own, below its
// name, and its own keys in a hash that all workers share; nobody else changes those.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "contents.hpp"
#include "operation.hpp"

namespace hexpage::torture {

inline constexpr const char* kSharedHash = "shared";

enum class Mix {
  All,      // every kind of operation, so that pages split and gather
  OneFile,  // what the filesystem backend does by replacing one file: puts over what is there
};

struct Workload {
  std::string worker;                 // as "w0"
  std::vector<Operation> operations;  // the first `prepared` of them build what the others change
  std::size_t prepared = 0;

  // What the worker's part of a store holds after its first n operations.
  Contents after(std::size_t n) const;
  // The worker's part of what a store holds.
  Contents partOf(const Contents& all) const;
};

Workload makeWorkload(std::uint64_t seed, std::size_t worker, std::size_t operations,
                      Mix mix = Mix::All);

}  // namespace hexpage::torture
