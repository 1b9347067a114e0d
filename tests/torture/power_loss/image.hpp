// Directory trees as values: read from a disk, written to another.
#pragma once

#include <string>

#include "log.hpp"

namespace hexpage::torture {

// The tree of a directory that nobody changes meanwhile. Throws std::runtime_error for what is
// neither a file nor a directory.
TreeImage readTree(const std::string& directory);

// Makes the tree in an empty directory. Zeros become holes.
void writeTree(const TreeImage& tree, const std::string& directory);

// Equal for trees that hold the same under the same names.
std::size_t fingerprint(const TreeImage& tree);

}  // namespace hexpage::torture
