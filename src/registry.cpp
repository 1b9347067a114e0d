#include "registry.hpp"

#include <hexpage/error.hpp>
#include <mutex>

namespace hexpage {
namespace {

struct Registry {
  std::mutex mutex;
  BackendEntries backends = builtinBackends();
};

Registry& registry() {
  static Registry all;
  return all;
}

BackendEntry backendNamed(const std::string& name) {
  {
    std::lock_guard guard(registry().mutex);
    const auto found = registry().backends.find(name);
    if (found != registry().backends.end()) return found->second;
  }
  std::string known;
  for (const std::string& other : backendNames()) known += (known.empty() ? "" : ", ") + other;
  throw Error(Code::InvalidArgument, "unknown backend \"" + name + "\"; known: " + known);
}

}  // namespace

std::vector<std::string> backendNames() {
  std::lock_guard guard(registry().mutex);
  std::vector<std::string> names;
  for (const auto& [name, backend] : registry().backends) names.push_back(name);
  return names;
}

void registerBackend(const std::string& name, BackendFactory factory, BackendCheck check) {
  std::lock_guard guard(registry().mutex);
  BackendEntry backend{std::move(factory), std::move(check), {}};
  if (!registry().backends.emplace(name, std::move(backend)).second)
    throw Error(Code::InvalidArgument, "a backend \"" + name + "\" is registered already");
}

std::unique_ptr<Backend> makeBackend(const std::string& name, const Json& section,
                                     const CommonSettings& common) {
  return backendNamed(name).make(section, common);
}

std::vector<Guarantee> examineBackend(const std::string& name, const Json& section,
                                      const CommonSettings& common) {
  const BackendEntry backend = backendNamed(name);
  return backend.examine ? backend.examine(section, common) : std::vector<Guarantee>();
}

void checkBackend(const std::string& name, const Json& section, const CommonSettings& common) {
  const BackendEntry backend = backendNamed(name);
  if (backend.check) backend.check(section, common);
}

}  // namespace hexpage
