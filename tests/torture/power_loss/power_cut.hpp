// The states in which a power cut may leave a directory. What was synced is there; of the rest
// anything may be, since no file system promises more (POSIX: contents by fsync of the file, names
// by fsync of their directory; a rename happens wholly or not at all).
#pragma once

#include <string>

#include "log.hpp"
#include "tests/support/random.hpp"

namespace hexpage::torture {

// What becomes of names that were not synced, and of contents.
struct Policy {
  enum class Names { Lost, Kept, Prefix, Subset };
  enum class Contents { Lost, Kept, Zeros, Subset, Torn };

  Names names = Names::Lost;
  Contents contents = Contents::Lost;
};

// Each of them in turn.
inline constexpr std::size_t kPolicies = 20;
Policy policyOf(std::size_t n);
std::string describe(const Policy& policy);

// The tree after a cut before entry `cut` of the log.
TreeImage afterCut(const Log& log, std::size_t cut, const Policy& policy, testing::Random& random);

}  // namespace hexpage::torture
