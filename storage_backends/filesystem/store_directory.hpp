// The directory of a store: made if need be, and looked at before anything is put into it.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

#include "filesystem/posix.hpp"

namespace hexpage {

struct DirectoryRules {
  Modes modes = {};
  bool allowsShared = false;   // others may write to it
  bool allowsNetwork = false;  // it lies on another machine
  // What would allow it.
  std::string sharedSetting = "filesystem.allow_shared_directory";
  std::string networkSetting = "filesystem.allow_network_fs";
};

// Opens it; what is made on the way to it is durable. Throws InvalidArgument, with the setting that
// would allow it, for one that others may write to though `modes` does not say so, or that lies on
// a network filesystem.
Fd openStoreDirectory(const std::string& directory, const DirectoryRules& rules);
// The same for one that is there, and is not made.
Fd openDirectoryThere(const std::string& directory, const DirectoryRules& rules);

// Who beside the owner may write to what has this mode, and may not with the other one: "its
// group", "everybody"; "" for nobody.
std::string_view othersWhoMayWrite(mode_t mode, mode_t wanted);

// "NFS" and the like for a filesystem whose files are on another machine; else "". `type` is that
// of statfs().
std::string_view networkFilesystem(unsigned long type);

}  // namespace hexpage
