#include "filesystem/filesystem_backend.hpp"
#include "memory/memory_backend.hpp"
#include "registry.hpp"

namespace hexpage {

BackendFactories builtinBackends() {
  return {{"filesystem", makeFilesystemBackend}, {"memory", makeMemoryBackend}};
}

}  // namespace hexpage
