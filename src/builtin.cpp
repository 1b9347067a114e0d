#include "memory/memory_backend.hpp"
#include "registry.hpp"

namespace hexpage {

BackendFactories builtinBackends() { return {{"memory", makeMemoryBackend}}; }

}  // namespace hexpage
