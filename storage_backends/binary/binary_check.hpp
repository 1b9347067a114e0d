// What check() and repair() look at beyond the engine's own files: whether the catalogue, the lists
// of paths and the items say the same.
#pragma once

#include <hexpage/kv.hpp>
#include <hexpage/types.hpp>

namespace hexpage {

// Adds what is wrong to the report, and counts. Changes nothing.
void checkCatalogue(const kv::View& view, Report& report);

// Makes the lists of paths anew when they are not as the catalogue says, and removes trees that
// nothing leads to. On a dry run says what it would do.
void repairCatalogue(kv::Database& store, Report& report, bool dryRun);

}  // namespace hexpage
