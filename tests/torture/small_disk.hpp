// A tmpfs of its own that can be made almost full, and roomy again.
#pragma once

#include <cstddef>
#include <hexpage/testing/contract/temp_dir.hpp>
#include <string>

namespace hexpage::torture {

// Mounts only in this process and its children: LoopDisk::makePrivate() comes first.
class SmallDisk {
 public:
  // Roomy. Throws std::runtime_error with the reason where it can not be mounted.
  SmallDisk();
  explicit SmallDisk(std::size_t bytes);
  ~SmallDisk();

  // No more than so many bytes (in steps of 4 KiB) or files fit in beside what is there.
  void leaveBytes(std::size_t bytes);
  void leaveFiles(std::size_t files);
  void makeRoom();

  std::string directory() const { return dir_.string(); }

 private:
  void mount(unsigned long flags, std::size_t bytes, std::size_t files);

  const testing::TempDir dir_;
};

}  // namespace hexpage::torture
