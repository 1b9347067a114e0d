#include "batch_events.hpp"

#include <algorithm>
#include <utility>

#include "support/path_rules.hpp"

namespace hexpage {

std::vector<ChangeEvent> BatchEvents::of(const Batch& batch) {
  if (!isAnyTold(batch)) return {};
  for (const Change& change : batch.changes) std::visit([this](const auto& c) { one(c); }, change);
  return std::move(events_);
}

// Most batches are of one path, which is looked at once.
bool BatchEvents::isAnyTold(const Batch& batch) const {
  const std::string* last = nullptr;
  const auto isNews = [&](const std::string& path) {
    if (last && *last == path) return false;
    last = &path;
    return isTold(path);
  };
  return std::any_of(batch.changes.begin(), batch.changes.end(), [&](const Change& change) {
    return std::visit(
        [&](const auto& c) {
          if constexpr (requires { c.path; })
            return isNews(c.path);
          else
            return isNews(c.from) || isNews(c.to);
        },
        change);
  });
}

bool BatchEvents::isTold(std::string_view path) const { return !isHidden(path) && wants_(path); }

BatchEvents::Hash& BatchEvents::hashAt(const std::string& path) {
  const auto found = hashes_.find(path);
  if (found != hashes_.end()) return found->second;
  return hashes_.emplace(path, Hash{store_.info(path).has_value(), path, {}}).first->second;
}

std::optional<Value> BatchEvents::valueAt(const std::string& path, const std::string& key) {
  const Hash& hash = hashAt(path);
  const auto item = hash.items.find(key);
  if (item != hash.items.end()) return item->second ? std::optional<Value>(Value{}) : std::nullopt;
  if (!hash.isThere || hash.base.empty()) return std::nullopt;
  const std::string_view name = key;
  return std::move(store_.get(hash.base, {&name, 1}).front());
}

void BatchEvents::tell(ChangeEvent event) {
  if (isTold(event.path) || (!event.from.empty() && isTold(event.from)))
    events_.push_back(std::move(event));
}

void BatchEvents::one(const Create& c) {
  Hash& hash = hashAt(c.path);
  if (hash.isThere) return;
  hash = {true, "", {}};
  tell({ChangeKind::Create, c.path});
}

void BatchEvents::one(const Put& c) {
  hashAt(c.path).items[c.key] = true;
  if (isTold(c.path)) tell({ChangeKind::Put, c.path, c.key, c.text, c.expires});
}

void BatchEvents::one(const Remove& c) {
  auto before = isTold(c.path) ? valueAt(c.path, c.key) : std::nullopt;
  hashAt(c.path).items[c.key] = false;
  if (!before) return;
  if (c.isExpiry)
    tell({ChangeKind::Expire, c.path, c.key, std::move(before->text), before->expires});
  else
    tell({ChangeKind::Delete, c.path, c.key});
}

void BatchEvents::one(const Clear& c) {
  if (!hashAt(c.path).isThere) return;
  hashAt(c.path) = {true, "", {}};
  tell({ChangeKind::Clear, c.path});
}

void BatchEvents::one(const Drop& c) {
  if (!hashAt(c.path).isThere) return;
  hashAt(c.path) = {};
  tell({ChangeKind::Drop, c.path});
}

void BatchEvents::one(const Rename& c) {
  if (c.from == c.to || !hashAt(c.from).isThere) return;
  hashAt(c.to) = std::exchange(hashAt(c.from), {});
  if (isHidden(c.from))
    tell({ChangeKind::Replace, c.to});
  else
    tell({.kind = ChangeKind::Rename, .path = c.to, .from = c.from});
}

void BatchEvents::one(const PutRecord& c) {
  tell({.kind = ChangeKind::PutRecord, .path = c.path, .text = c.text});
}

void BatchEvents::one(const EraseRecord& c) {
  if (isTold(c.path) && store_.record(c.path)) tell({ChangeKind::EraseRecord, c.path});
}

}  // namespace hexpage
