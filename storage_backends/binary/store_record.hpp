// What a binary store says of itself, in a record of its catalogue: that the backend made it, in
// which format, and how paths are normalised in it.
#pragma once

#include <hexpage/kv.hpp>
#include <string>

namespace hexpage {

// Of the catalogue and the trees that it leads to; the engine's files have a version of their own.
inline constexpr int kCatalogueFormat = 1;

void recordStore(kv::Database& store, bool lowerCaseKeys);

// Writes it into a new store. Throws InvalidArgument, naming the setting or the program that is
// needed, when it does not suit; for a store that is not the backend's, too.
void requireOwnStore(kv::Database& store, const std::string& baseDir, bool lowerCaseKeys,
                     bool isReadOnly);

}  // namespace hexpage
