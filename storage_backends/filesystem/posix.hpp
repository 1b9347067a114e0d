// Files as the system has them, with errors as Error. File names are relative to an open directory
// and never lead out of it: a symbolic link on the way is Corrupt (see beneath.hpp).
#pragma once

#include <fcntl.h>
#include <sys/stat.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "support/own_file.hpp"

namespace hexpage {

// Who may read and write what is made, whatever the umask.
struct Modes {
  mode_t file = 0600;
  mode_t directory = 0700;
};

struct FileContent {
  std::string text;
  struct stat status;
};

// A whole file; nullopt when there is none. Throws Corrupt when it is no regular file, or larger
// than a page can be; Io when it can not be read.
std::optional<FileContent> readRegular(int directory, const std::string& file);
// The same in two steps.
std::optional<OpenFile> openRegular(int directory, const std::string& file);
std::string textOf(const OpenFile& open, const std::string& file);

// The bytes from `offset` on, fewer where the file ends, and how many they are.
std::size_t readInto(std::span<char> bytes, int fd, std::uint64_t offset, const std::string& file);
// `size` of them.
std::string readAt(int fd, std::uint64_t offset, std::uint64_t size, const std::string& file);

// fdatasync() and fsync(), which a signal does not end.
int syncData(int fd);
int syncAll(int fd);

// Puts a small file whole and for good in its place: written beside it, synced, renamed, and the
// name synced too.
void replaceDurably(int directory, const std::string& file, std::string_view text,
                    const Modes& modes = {});

// Syncs a folder, "" for the directory itself.
void syncFolder(int directory, const std::string& folder);

// Makes the directories that lead to the file.
void makeParents(int directory, const std::string& file, const Modes& modes = {});

// Makes a directory and those that lead to it, where they are not there, for good.
void makeDirectories(const std::string& directory, mode_t mode = 0700);

// What comes before the last '/'; "" when there is none.
std::string parentOf(const std::string& file);

}  // namespace hexpage
