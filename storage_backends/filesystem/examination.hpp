// What the filesystem backend needs from the kernel and the filesystem, tried where a store is.
#pragma once

#include <hexpage/doctor.hpp>
#include <string>
#include <vector>

#include "filesystem/store_directory.hpp"

namespace hexpage {

// Tries in a folder of its own in the directory, or in the nearest one above that is there, and
// removes it. Throws Io where nothing can be made.
std::vector<Guarantee> examineDirectory(const std::string& directory, const DirectoryRules& rules);

}  // namespace hexpage
