// System calls on names below an open directory that can not be led out of it. A symbolic link is
// never followed: with one in the way each call fails with ELOOP.
//
// All of them return what the system call of their name does, with errno, or an Fd that holds
// nothing. The names are relative, without "..".
#pragma once

#include <sys/stat.h>

#include <string>

#include "support/fd.hpp"

namespace hexpage {

// Flags beside O_CLOEXEC and O_NOFOLLOW. With O_CREAT the file has the mode, whatever the umask.
Fd openBeneath(int root, const std::string& file, int flags, mode_t mode = 0);
// The same for a kernel without openat2 (before 5.6, or a container that forbids it).
Fd openBeneathByParts(int root, const std::string& file, int flags, mode_t mode = 0);

// `flags` are those of renameat2.
int renameBeneath(int root, const std::string& from, const std::string& to, unsigned flags = 0);
int linkBeneath(int root, const std::string& file, const std::string& to);
int unlinkBeneath(int root, const std::string& file, int flags = 0);
int makeFolderBeneath(int root, const std::string& folder, mode_t mode);
// Of a link: itself.
int statBeneath(int root, const std::string& file, struct stat& status);

// The folders of files that are taken one after the other, most of them side by side: the last one
// is kept open.
class LastFolder {
 public:
  explicit LastFolder(int root) : root_(root) {}

  // What the file's folder is open as; -1 with errno when it can not be opened.
  int of(const std::string& file);
  // Looks anew from now on: the folder may have been removed and made again.
  void forget() { folder_ = Fd(); }

 private:
  const int root_;
  std::string name_;
  Fd folder_;
};
// What the file is called in its folder; lives as long as the text.
const char* nameIn(const std::string& file);

// Whether the kernel does it in one call.
bool hasOpenat2();

}  // namespace hexpage
