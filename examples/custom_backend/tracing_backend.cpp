#include "tracing_backend.hpp"

#include <hexpage/error.hpp>
#include <utility>

using namespace hexpage;

namespace {

// What a change does, in words. An overload for each kind, so that the compiler tells when hexpage
// gets a new one.
struct Describe {
  std::string operator()(const Create& c) const { return "create " + c.path + " " + c.options; }
  std::string operator()(const Put& c) const { return "put " + c.path + " " + c.key; }
  std::string operator()(const Remove& c) const { return "remove " + c.path + " " + c.key; }
  std::string operator()(const Clear& c) const { return "clear " + c.path; }
  std::string operator()(const Drop& c) const { return "drop " + c.path; }
  std::string operator()(const Rename& c) const { return "rename " + c.from + " to " + c.to; }
  std::string operator()(const PutRecord& c) const { return "put record " + c.path; }
  std::string operator()(const EraseRecord& c) const { return "erase record " + c.path; }
};

std::string describe(const Batch& batch) {
  std::string line = "apply:";
  for (const Change& change : batch.changes) line += " " + std::visit(Describe{}, change) + ";";
  return line;
}

std::string named(const char* call, std::string_view name) {
  return std::string(call) + " " + std::string(name);
}

// What the section of the config says: the name of the backend below, and that one's section.
struct Below {
  std::string name;
  Json section;
};

// A backend gets its own section of the config and refuses what it does not know in it.
Below readSection(const Json& section) {
  const std::string over = section.value("over", "memory");
  for (const auto& [member, value] : section.items())
    if (member != "over" && member != over)
      throw Error(Code::InvalidArgument, "unknown member \"" + member + "\" of \"tracing\"");
  return {over, section.value(over, Json::object())};
}

}  // namespace

void registerTracingBackend(TraceSink sink) {
  const auto make = [sink = std::move(sink)](const Json& section, const CommonSettings& common) {
    const Below below = readSection(section);
    return std::make_unique<TracingBackend>(makeBackend(below.name, below.section, common), sink);
  };
  const auto check = [](const Json& section, const CommonSettings& common) {
    const Below below = readSection(section);
    checkBackend(below.name, below.section, common);
  };
  registerBackend("tracing", make, check);
}

TracingBackend::TracingBackend(std::unique_ptr<Backend> inner, TraceSink sink)
    : ForwardingBackend(std::move(inner)), sink_(std::move(sink)) {}

void TracingBackend::trace(const std::string& line) {
  const std::lock_guard guard(sinkMutex_);
  sink_(line);
}

std::optional<HashInfo> TracingBackend::info(std::string_view path) {
  trace(named("info", path));
  return inner().info(path);
}

std::vector<std::optional<Value>> TracingBackend::get(std::string_view path,
                                                      std::span<const std::string_view> keys) {
  std::string line = named("get", path);
  for (std::string_view key : keys) line += " " + std::string(key);
  trace(line);
  return inner().get(path, keys);
}

Chunk TracingBackend::scan(std::string_view path, std::string_view cursor) {
  trace(named("scan", path));
  return inner().scan(path, cursor);
}

std::optional<std::string> TracingBackend::record(std::string_view path) {
  trace(named("record", path));
  return inner().record(path);
}

PathChunk TracingBackend::paths(std::string_view prefix, std::string_view cursor) {
  trace(named("paths", prefix));
  return inner().paths(prefix, cursor);
}

Applied TracingBackend::apply(const Batch& batch) {
  trace(describe(batch));
  return inner().apply(batch);
}

void TracingBackend::sync() {
  trace("sync");
  inner().sync();
}
