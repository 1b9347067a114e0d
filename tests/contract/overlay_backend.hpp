// A transaction's overlay as a backend of its own: what is put into it and never committed is to
// keep every promise that a backend makes. It is for one thread at a time, so a mutex stands in
// front of it.
#pragma once

#include <hexpage/backend.hpp>
#include <hexpage/error.hpp>
#include <memory>
#include <mutex>

#include "src/overlay.hpp"

namespace hexpage::testing {

class OverlayBackend : public Backend {
 public:
  std::optional<HashInfo> info(std::string_view path) override {
    const std::lock_guard guard(mutex_);
    return overlay_.info(path);
  }
  std::vector<std::optional<Value>> get(std::string_view path,
                                        std::span<const std::string_view> keys) override {
    const std::lock_guard guard(mutex_);
    return overlay_.get(path, keys);
  }
  Chunk scan(std::string_view path, std::string_view cursor) override {
    const std::lock_guard guard(mutex_);
    return overlay_.scan(path, cursor);
  }
  std::optional<std::string> record(std::string_view path) override {
    const std::lock_guard guard(mutex_);
    return overlay_.record(path);
  }
  PathChunk paths(std::string_view prefix, std::string_view cursor) override {
    const std::lock_guard guard(mutex_);
    return overlay_.paths(prefix, cursor);
  }
  Applied apply(const Batch& batch) override {
    const std::lock_guard guard(mutex_);
    return overlay_.apply(batch);
  }
  void sync() override {}

  // A transaction has no upkeep of its own: these tell what is there from what it reads.
  void check(Report& report) override {
    for (std::string cursor, next = "first"; !next.empty(); cursor = next) {
      const PathChunk chunk = paths("", cursor);
      next = chunk.next;
      for (const PathEntry& entry : chunk.entries) {
        ++(entry.isHash ? report.hashes : report.records);
        if (entry.isHash) report.items += info(entry.path)->length;
      }
    }
  }
  void repair(Report& report, bool) override { check(report); }
  std::vector<LayoutNode> layout(std::string_view path) override {
    const auto hash = info(path);
    if (!hash) return {};
    return {LayoutNode{.name = "pending", .items = hash->length}};
  }
  std::vector<std::string> files() override { return {}; }
  void adopt(std::string_view path) override {
    if (!record(path)) throw Error(Code::NoSuchKey, "no such hash or record: " + std::string(path));
  }
  Locks& locks() override { return base_->locks(); }

 private:
  std::unique_ptr<Backend> base_ = makeBackend("memory", Json::object());
  std::mutex mutex_;
  Overlay overlay_{*base_, std::size_t{1} << 30};
};

}  // namespace hexpage::testing
