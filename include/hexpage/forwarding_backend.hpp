// A Backend that hands every call to another one. Who wraps a backend derives from it and overrides
// what the wrapper is about.
#pragma once

#include <hexpage/backend.hpp>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hexpage {

class ForwardingBackend : public Backend {
 public:
  explicit ForwardingBackend(std::unique_ptr<Backend> inner) : inner_(std::move(inner)) {}

  std::optional<HashInfo> info(std::string_view path) override { return inner_->info(path); }
  std::vector<std::optional<Value>> get(std::string_view path,
                                        std::span<const std::string_view> keys) override {
    return inner_->get(path, keys);
  }
  std::shared_ptr<const Json> options(std::string_view path) override {
    return inner_->options(path);
  }
  Chunk scan(std::string_view path, std::string_view cursor) override {
    return inner_->scan(path, cursor);
  }
  Chunk expired(std::string_view path, Expires now, std::string_view cursor) override {
    return inner_->expired(path, now, cursor);
  }
  std::optional<std::string> record(std::string_view path) override { return inner_->record(path); }
  PathChunk paths(std::string_view prefix, std::string_view cursor) override {
    return inner_->paths(prefix, cursor);
  }
  Applied apply(const Batch& batch) override { return inner_->apply(batch); }
  void sync() override { inner_->sync(); }
  std::unique_ptr<View> snapshot() override { return inner_->snapshot(); }
  void check(Report& report) override { inner_->check(report); }
  void accept(std::span<const std::string> files, Report& report) override {
    inner_->accept(files, report);
  }
  void repair(Report& report, bool dryRun) override { inner_->repair(report, dryRun); }
  std::vector<LayoutNode> layout(std::string_view path) override { return inner_->layout(path); }
  std::vector<Figure> figures() override { return inner_->figures(); }
  std::uint64_t compact(const CompactProgress& progress) override {
    return inner_->compact(progress);
  }
  std::unique_ptr<ChangeFeed> follow() override { return inner_->follow(); }
  std::vector<std::string> files() override { return inner_->files(); }
  void adopt(std::string_view path) override { inner_->adopt(path); }
  // The inner backend's, so that they reach as far as its data does.
  Locks& locks() override { return inner_->locks(); }

 protected:
  Backend& inner() { return *inner_; }

 private:
  std::unique_ptr<Backend> inner_;
};

}  // namespace hexpage
