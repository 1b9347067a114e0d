#include "binary/binary_backend.hpp"
#include "filesystem/filesystem_backend.hpp"
#include "memory/memory_backend.hpp"
#include "registry.hpp"

namespace hexpage {

BackendEntries builtinBackends() {
  return {{"binary", {makeBinaryBackend, checkBinarySection, examineBinary}},
          {"filesystem", {makeFilesystemBackend, checkFilesystemSection, examineFilesystem}},
          {"memory", {makeMemoryBackend, checkMemorySection, {}}}};
}

}  // namespace hexpage
