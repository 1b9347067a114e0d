#include "src/cli/watcher.hpp"

#include <functional>
#include <hexpage/error.hpp>
#include <utility>

#include "src/cli/change_line.hpp"

namespace hexpage::cli {
namespace {

std::uint64_t digestOf(const std::string& text) { return std::hash<std::string>()(text); }

}  // namespace

void Watcher::look() {
  std::map<std::string, Hash> seen;
  for (const HashInfo& info : storage_.hashes(prefix_)) lookAtHash(info, seen);
  for (const auto& [path, hash] : hashes_)
    if (!seen.contains(path)) tell({ChangeKind::Drop, path});
  hashes_ = std::move(seen);
  lookAtRecords();
  isFirst_ = false;
}

void Watcher::lookAtHash(const HashInfo& info, std::map<std::string, Hash>& seen) {
  const auto before = hashes_.find(info.path);
  const bool isNew = before == hashes_.end();
  Hash& now = seen[info.path];
  now.options = digestOf(info.options.dump());
  if (isNew || before->second.options != now.options) tell({ChangeKind::Create, info.path});
  storage_.hashEachText(info.path, [&](const std::string& key, const std::string& text) {
    const std::uint64_t digest = digestOf(text);
    now.items.emplace(key, digest);
    if (!isNew) {
      const auto item = before->second.items.find(key);
      if (item != before->second.items.end() && item->second == digest) return;
    }
    tell({ChangeKind::Put, info.path, key, text});
  });
  if (!isNew) tellGone(info.path, before->second, now);
}

void Watcher::tellGone(const std::string& path, const Hash& before, const Hash& now) {
  if (now.items.empty() && before.items.size() > 1) return tell({ChangeKind::Clear, path});
  for (const auto& [key, digest] : before.items)
    if (!now.items.contains(key)) tell({ChangeKind::Delete, path, key});
}

void Watcher::lookAtRecords() {
  std::map<std::string, std::uint64_t> seen;
  for (const std::string& path : storage_.list(prefix_)) {
    if (hashes_.contains(path)) continue;
    const auto text = storage_.findText(path);
    if (!text) continue;
    const std::uint64_t digest = seen[path] = digestOf(*text);
    const auto before = records_.find(path);
    if (before == records_.end() || before->second != digest)
      tell({.kind = ChangeKind::PutRecord, .path = path, .text = *text});
  }
  for (const auto& [path, digest] : records_)
    if (!seen.contains(path) && !hashes_.contains(path)) tell({ChangeKind::EraseRecord, path});
  records_ = std::move(seen);
}

void Watcher::tell(const ChangeEvent& event) {
  if (!isFirst_) out_.line(changeLine(event));
}

}  // namespace hexpage::cli
