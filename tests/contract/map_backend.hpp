// The smallest backend that keeps every promise: the whole store is one immutable value, and a
// batch makes the next one. docs/backends.md walks through it. Each batch costs the size of the
// store, so it is for reading, not for use.
#pragma once

#include <hexpage/backend.hpp>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <variant>

namespace hexpage::testing {

// Orders paths by their segments: '/' comes before every other character.
struct BySegments {
  using is_transparent = void;
  bool operator()(std::string_view one, std::string_view other) const;
};

// All hashes and records at one moment.
class MapState {
 public:
  struct Hash {
    Json header;  // the options with `type` and `length`
    std::map<std::string, Value, std::less<>> items;
  };
  using Record = std::string;
  using Entries = std::map<std::string, std::variant<Hash, Record>, BySegments>;

  const Entries& entries() const { return entries_; }
  // Null when there is none.
  const Hash* hash(std::string_view path) const;
  const Record* record(std::string_view path) const;

  // One change; throws what Backend::apply promises, and the state is to be thrown away then.
  void make(const Create& change, Applied& applied);
  void make(const Put& change, Applied& applied);
  void make(const Remove& change, Applied& applied);
  void make(const Clear& change, Applied& applied);
  void make(const Drop& change, Applied& applied);
  void make(const Rename& change, Applied& applied);
  void make(const PutRecord& change, Applied& applied);
  void make(const EraseRecord& change, Applied& applied);

 private:
  Hash* mutableHash(std::string_view path);
  void refuseEnclosed(std::string_view path) const;
  void refuseAround(std::string_view path) const;

  Entries entries_;
};

class MapBackend : public Backend {
 public:
  MapBackend();

  std::optional<HashInfo> info(std::string_view path) override;
  std::vector<std::optional<Value>> get(std::string_view path,
                                        std::span<const std::string_view> keys) override;
  Chunk scan(std::string_view path, std::string_view cursor) override;
  std::optional<std::string> record(std::string_view path) override;
  PathChunk paths(std::string_view prefix, std::string_view cursor) override;
  Applied apply(const Batch& batch) override;
  void sync() override {}  // nothing here outlives the process
  void check(Report& report) override;
  void repair(Report& report, bool) override { check(report); }
  std::vector<LayoutNode> layout(std::string_view path) override;
  std::vector<std::string> files() override { return {}; }
  void adopt(std::string_view path) override;
  Locks& locks() override { return lender_->locks(); }

 private:
  std::shared_ptr<const MapState> current() const;

  std::unique_ptr<Backend> lender_;  // its locks reach as far as this store does: the process
  std::mutex applying_;              // one batch at a time
  mutable std::mutex switching_;     // guards the pointer, not what it points to
  std::shared_ptr<const MapState> current_ = std::make_shared<MapState>();
};

}  // namespace hexpage::testing
