#include "registry.hpp"

#include <hexpage/error.hpp>
#include <mutex>

namespace hexpage {
namespace {

struct Registry {
  std::mutex mutex;
  BackendFactories factories = builtinBackends();
};

Registry& registry() {
  static Registry all;
  return all;
}

}  // namespace

std::vector<std::string> backendNames() {
  std::lock_guard guard(registry().mutex);
  std::vector<std::string> names;
  for (const auto& [name, factory] : registry().factories) names.push_back(name);
  return names;
}

void registerBackend(const std::string& name, BackendFactory factory) {
  std::lock_guard guard(registry().mutex);
  if (!registry().factories.emplace(name, std::move(factory)).second)
    throw Error(Code::InvalidArgument, "a backend \"" + name + "\" is registered already");
}

std::unique_ptr<Backend> makeBackend(const std::string& name, const Json& section,
                                     const CommonSettings& common) {
  BackendFactory factory;
  {
    std::lock_guard guard(registry().mutex);
    const auto found = registry().factories.find(name);
    if (found != registry().factories.end()) factory = found->second;
  }
  if (factory) return factory(section, common);
  std::string known;
  for (const std::string& other : backendNames()) known += (known.empty() ? "" : ", ") + other;
  throw Error(Code::InvalidArgument, "unknown backend \"" + name + "\"; known: " + known);
}

}  // namespace hexpage
