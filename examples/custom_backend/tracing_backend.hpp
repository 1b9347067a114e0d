// A backend of one's own: it wraps another one and tells what is asked of it. Like any third
// party's it needs only hexpage's public headers. What it does not trace, ForwardingBackend hands
// on.
#pragma once

#include <functional>
#include <hexpage/forwarding_backend.hpp>
#include <memory>
#include <mutex>
#include <string>

// Takes one line, without its end. Never called by two threads at once.
using TraceSink = std::function<void(const std::string& line)>;

class TracingBackend : public hexpage::ForwardingBackend {
 public:
  TracingBackend(std::unique_ptr<hexpage::Backend> inner, TraceSink sink);

  std::optional<hexpage::HashInfo> info(std::string_view path) override;
  std::vector<std::optional<hexpage::Value>> get(std::string_view path,
                                                 std::span<const std::string_view> keys) override;
  hexpage::Chunk scan(std::string_view path, std::string_view cursor) override;
  std::optional<std::string> record(std::string_view path) override;
  hexpage::PathChunk paths(std::string_view prefix, std::string_view cursor) override;
  hexpage::Applied apply(const hexpage::Batch& batch) override;
  void sync() override;

 private:
  void trace(const std::string& line);

  std::mutex sinkMutex_;
  TraceSink sink_;
};

// Makes the backend "tracing" known, which prints to the sink. Its section of the config names the
// backend below it and has that one's section: {"over": "memory", "memory": {}}.
void registerTracingBackend(TraceSink sink);
