// How much room a disk has, and how much of it a store sets aside for what must always go on.
#pragma once

#include <cstdint>
#include <string>

namespace hexpage {

struct DiskRoom {
  std::uint64_t bytes = 0;     // that are free
  std::uint64_t files = 0;     // that can still be made
  std::uint64_t allBytes = 0;  // free or not
};

// Of the filesystem that an open directory is on, which messages name by `path`. One that does not
// count its blocks or files has no end of them. Throws Io.
DiskRoom diskRoom(int directory, const std::string& path);

// What is free on the disk of an open file; 0 when the system does not say.
std::uint64_t freeBytes(int fd) noexcept;

// A 1/32 of the disk, so that little of a small one is lost; 16 KiB at least, `most` at most.
std::uint64_t setAside(const DiskRoom& disk, std::uint64_t most);

}  // namespace hexpage
