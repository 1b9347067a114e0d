#include "filesystem/store_directory.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include <cerrno>
#include <hexpage/error.hpp>

namespace hexpage {
namespace {

void refuseShared(int fd, const std::string& directory, const DirectoryRules& rules) {
  struct stat status;
  if (::fstat(fd, &status) != 0) throwSystem("stat", directory);
  const std::string_view others = othersWhoMayWrite(status.st_mode, rules.modes.directory);
  if (others.empty()) return;
  throw Error(Code::InvalidArgument,
              directory + ": " + std::string(others) +
                  " may write to this directory, and so to the store; take that away (chmod "
                  "go-w), or set " +
                  rules.sharedSetting);
}

void refuseNetwork(int fd, const std::string& directory, const DirectoryRules& rules) {
  struct statfs status;
  if (::fstatfs(fd, &status) != 0) throwSystem("statfs", directory);
  const auto network = networkFilesystem(static_cast<unsigned long>(status.f_type));
  if (network.empty()) return;
  throw Error(Code::InvalidArgument,
              directory + ": lies on a network filesystem (" + std::string(network) +
                  "), where neither locks nor what is on disk can be relied on; choose another "
                  "directory, or set " +
                  rules.networkSetting);
}

}  // namespace

Fd openStoreDirectory(const std::string& directory, const DirectoryRules& rules) {
  makeDirectories(directory, rules.modes.directory);
  return openDirectoryThere(directory, rules);
}

Fd openDirectoryThere(const std::string& directory, const DirectoryRules& rules) {
  Fd fd = openDirectory(directory);
  if (!rules.allowsShared) refuseShared(fd.get(), directory, rules);
  if (!rules.allowsNetwork) refuseNetwork(fd.get(), directory, rules);
  return fd;
}

std::string_view othersWhoMayWrite(mode_t mode, mode_t wanted) {
  const mode_t beyond = mode & ~wanted;
  if (beyond & S_IWOTH) return "everybody";
  if (beyond & S_IWGRP) return "its group";
  return "";
}

std::string_view networkFilesystem(unsigned long type) {
  switch (type & 0xffff'ffff) {
    case 0x6969:
      return "NFS";
    case 0xff53'4d42:
    case 0xfe53'4d42:
    case 0x517b:
      return "SMB";
    case 0x5346'414f:
    case 0x6b41'4653:
      return "AFS";
    case 0x00c3'6400:
      return "Ceph";
    case 0x0102'1997:
      return "9P";
    case 0x7375'7245:
      return "Coda";
    case 0x0bd0'0bd0:
      return "Lustre";
    case 0x4750'4653:
      return "GPFS";
    case 0x0116'1970:
      return "GFS2";
    case 0x7461'636f:
      return "OCFS2";
    default:
      return "";
  }
}

}  // namespace hexpage
