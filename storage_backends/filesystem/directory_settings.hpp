// What a section of the config says of its directory and of who may read and write there.
#pragma once

#include <string>

#include "filesystem/store_directory.hpp"
#include "support/options.hpp"

namespace hexpage {

// Reads file_mode, directory_mode, allow_shared_directory and allow_network_fs. Throws
// InvalidArgument.
DirectoryRules readDirectoryRules(Options& options, const std::string& section);

}  // namespace hexpage
