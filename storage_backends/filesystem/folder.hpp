// What lies in a folder of a store. Names are relative to an open directory, which may be moved
// meanwhile, and never lead out of it: a symbolic link on the way is Corrupt (see beneath.hpp).
#pragma once

#include <string>
#include <vector>

namespace hexpage {

struct FolderEntry {
  std::string name;
  bool isFolder = false;  // a link to one is none
};

// In no order; "" is the directory itself. Nothing when there is no such folder.
std::vector<FolderEntry> entriesOf(int directory, const std::string& folder);

// Removes a folder with all that is in it, if it is there.
void removeFolder(int directory, const std::string& folder);

}  // namespace hexpage
