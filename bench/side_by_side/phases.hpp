// One round of hexpage's side: every measured operation on a fresh store.
#pragma once

#include <hexpage/types.hpp>
#include <string>

namespace hexpage::bench {

// Loads stores below the directory, which must be empty, with so many keys and gives
// {"operation": microseconds each}. Throws when the store does not hold what it should.
Json runPhases(const std::string& directory, std::size_t keys);

// Puts the keys from .. to - 1 into the store in the directory.
void load(const std::string& directory, std::size_t from, std::size_t to);

}  // namespace hexpage::bench
