// The files and folders that a store keeps for itself, below an open directory. Whatever somebody
// has planted in their place is neither followed, waited for nor written into: it is Corrupt. In
// messages a file is `path`, which is what it is called from the store's directory.
#pragma once

#include <sys/stat.h>

#include <optional>
#include <string>

#include "support/fd.hpp"

namespace hexpage {

struct OpenFile {
  Fd fd;
  struct stat status;
};

// A regular file, by O_RDONLY, O_WRONLY or O_RDWR; nullopt when there is none. One that is opened
// to be written has no other name: what is written would change somebody else's file, or the copy
// of the store that was made by hard links.
std::optional<OpenFile> openFile(int directory, const std::string& file, int access,
                                 const std::string& path);

// To read and to write. Made with this mode, whatever the umask, when it is not there.
OpenFile openOrMake(int directory, const std::string& file, mode_t mode, const std::string& path);

// A new file, to read and to write, in the place of what a killed process has left there. It has
// this mode, whatever the umask.
Fd makeAnew(int directory, const std::string& file, mode_t mode, const std::string& path);

// A folder; not open when there is none.
Fd openFolder(int directory, const std::string& folder);

// The same, made with this mode when it is not there.
Fd openOrMakeFolder(int directory, const std::string& folder, mode_t mode);

}  // namespace hexpage
