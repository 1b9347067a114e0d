#include "told_changes.hpp"

#include <utility>

#include "support/path_rules.hpp"

namespace hexpage {
namespace {

ChangeEvent eventOf(const Create& c) { return {ChangeKind::Create, c.path}; }
ChangeEvent eventOf(const Put& c) { return {ChangeKind::Put, c.path, c.key, c.text, c.expires}; }
ChangeEvent eventOf(const Remove& c) {
  return {c.isExpiry ? ChangeKind::Expire : ChangeKind::Delete, c.path, c.key};
}
ChangeEvent eventOf(const Clear& c) { return {ChangeKind::Clear, c.path}; }
ChangeEvent eventOf(const Drop& c) { return {ChangeKind::Drop, c.path}; }
ChangeEvent eventOf(const Rename& c) {
  if (isHidden(c.to)) return {ChangeKind::Drop, c.from};
  if (isHidden(c.from)) return {ChangeKind::Replace, c.to};
  return {.kind = ChangeKind::Rename, .path = c.to, .from = c.from};
}
ChangeEvent eventOf(const PutRecord& c) {
  return {.kind = ChangeKind::PutRecord, .path = c.path, .text = c.text};
}
ChangeEvent eventOf(const EraseRecord& c) { return {ChangeKind::EraseRecord, c.path}; }

}  // namespace

std::vector<ChangeEvent> eventsOf(const Batch& batch,
                                  const std::function<bool(std::string_view path)>& wants) {
  std::vector<ChangeEvent> events;
  const auto isTold = [&](std::string_view path) { return !isHidden(path) && wants(path); };
  for (const Change& change : batch.changes) {
    ChangeEvent event = std::visit([](const auto& c) { return eventOf(c); }, change);
    if (isTold(event.path) || (!event.from.empty() && isTold(event.from)))
      events.push_back(std::move(event));
  }
  return events;
}

}  // namespace hexpage
