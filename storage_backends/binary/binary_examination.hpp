// What the binary backend needs from the kernel and the filesystem, tried where a store is.
#pragma once

#include <hexpage/doctor.hpp>
#include <string>
#include <vector>

#include "filesystem/store_directory.hpp"

namespace hexpage {

// As examineDirectory() of the backend filesystem.
std::vector<Guarantee> examineBinaryDirectory(const std::string& directory,
                                              const DirectoryRules& rules);

}  // namespace hexpage
