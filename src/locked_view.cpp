// The snapshot of a backend that has none of its own: who would write waits.
#include <algorithm>
#include <hexpage/backend.hpp>
#include <hexpage/error.hpp>
#include <string>
#include <vector>

#include "support/path_rules.hpp"

namespace hexpage {
namespace {

constexpr Millis kTimeout{30'000};
constexpr int kAttempts = 100;
constexpr std::size_t kPathsAtOnce = 1000;

using Entries = std::vector<PathEntry>;

bool isBefore(const PathEntry& entry, std::string_view path) { return pathLess(entry.path, path); }

class LockedView : public View {
 public:
  // What is listed twice alike, the second time under its locks, is all there was at one moment in
  // between: a batch that made several of them came before both listings or after.
  explicit LockedView(Backend& backend) : backend_(backend) {
    entries_ = listed();
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
      lock();
      Entries now = listed();
      if (now == entries_) return;
      holds_.clear();
      entries_ = std::move(now);
    }
    throw Error(Code::LockTimeout, "hashes come and go too fast to hold them all");
  }

  std::optional<HashInfo> info(std::string_view path) override {
    return isThere(path) ? backend_.info(path) : std::nullopt;
  }
  std::vector<std::optional<Value>> get(std::string_view path,
                                        std::span<const std::string_view> keys) override {
    if (!isThere(path)) return std::vector<std::optional<Value>>(keys.size());
    return backend_.get(path, keys);
  }
  Chunk scan(std::string_view path, std::string_view cursor) override {
    return isThere(path) ? backend_.scan(path, cursor) : Chunk();
  }
  std::optional<std::string> record(std::string_view path) override {
    return isThere(path) ? backend_.record(path) : std::nullopt;
  }
  PathChunk paths(std::string_view prefix, std::string_view cursor) override {
    PathChunk chunk;
    auto entry = std::lower_bound(entries_.begin(), entries_.end(), cursor, isBefore);
    for (; entry != entries_.end(); ++entry) {
      if (!entry->path.starts_with(prefix) || entry->path == cursor) continue;
      if (chunk.entries.size() == kPathsAtOnce) {
        chunk.next = chunk.entries.back().path;
        break;
      }
      chunk.entries.push_back(*entry);
    }
    return chunk;
  }

 private:
  Entries listed() {
    Entries entries;
    std::string cursor;
    do {
      PathChunk chunk = backend_.paths("", cursor);
      std::move(chunk.entries.begin(), chunk.entries.end(), std::back_inserter(entries));
      cursor = std::move(chunk.next);
    } while (!cursor.empty());
    std::sort(entries.begin(), entries.end(),
              [](const PathEntry& a, const PathEntry& b) { return pathLess(a.path, b.path); });
    return entries;
  }

  void lock() {
    const std::vector<std::string_view> paths = [&] {
      std::vector<std::string_view> all;
      for (const PathEntry& entry : entries_) all.push_back(entry.path);
      return all;
    }();
    holds_ = backend_.locks().acquireAll(paths, LockMode::Shared, kTimeout);
  }

  bool isThere(std::string_view path) const {
    const auto entry = std::lower_bound(entries_.begin(), entries_.end(), path, isBefore);
    return entry != entries_.end() && entry->path == path;
  }

  Backend& backend_;
  Entries entries_;  // in the order of their paths
  std::vector<Hold> holds_;
};

}  // namespace

std::unique_ptr<View> Backend::snapshot() { return std::make_unique<LockedView>(*this); }

}  // namespace hexpage
