// Damage to one or two files of a store.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tests/support/random.hpp"

namespace hexpage::torture {

// What was done to which files (relative to the store).
struct Mutation {
  std::string kind;                // as "bit flipped"
  std::vector<std::string> files;  // one, or two that were mixed up

  std::string describe() const;
};

// Damages files of the store at random. `old` is an earlier state of the same store, from which a
// file may be put back.
Mutation mutate(const std::filesystem::path& store, const std::filesystem::path& old,
                hexpage::testing::Random& random);

// Copies a directory with all below it, extended attributes too.
void copyTree(const std::filesystem::path& from, const std::filesystem::path& to);

}  // namespace hexpage::torture
