// An ext4 of its own on a loop device, whose power can be cut.
#pragma once

#include <hexpage/testing/contract/temp_dir.hpp>
#include <string>

namespace hexpage::torture {

// Mounts only in this process and its children: makePrivate() comes first.
class LoopDisk {
 public:
  // Throws std::runtime_error with the reason where that can not be done.
  static void makePrivate();

  // Makes the file system. It is not mounted yet.
  LoopDisk();
  ~LoopDisk();

  // `options` as of mount(8), beside the loop device.
  void mount(const std::string& options);
  // From now on nothing reaches the disk, not even what its journal would write; calls fail.
  void cut();
  // Nobody may have a file of it open.
  void unmount();

  std::string directory() const { return dir_.string() + "/mnt"; }

 private:
  const testing::TempDir dir_;
  bool isMounted_ = false;
};

}  // namespace hexpage::torture
