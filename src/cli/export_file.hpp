// The file an export writes. A regular file is replaced only by a whole export: until finish() the
// old one stays, and a failed export leaves nothing behind.
#pragma once

#include <optional>
#include <string>

#include "src/cli/descriptor.hpp"
#include "src/cli/output.hpp"

namespace hexpage::cli {

class ExportFile {
 public:
  // Throws Error{Io} when there is no writing to that place.
  explicit ExportFile(const std::string& path);
  ~ExportFile();
  ExportFile(const ExportFile&) = delete;
  ExportFile& operator=(const ExportFile&) = delete;

  Output& output() { return *output_; }

  // Flushes, makes the file durable and gives it its name.
  void finish();

 private:
  void openPart();

  std::string path_;
  std::string part_;  // the file's name until it is whole; "" for a pipe or a device
  std::optional<Descriptor> file_;
  std::optional<Output> output_;
};

}  // namespace hexpage::cli
