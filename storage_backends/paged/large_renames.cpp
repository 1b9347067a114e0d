#include "paged/large_renames.hpp"

#include <algorithm>
#include <utility>

#include "support/path_rules.hpp"

namespace hexpage {
namespace {

constexpr std::size_t kBatchChanges = 1000;
constexpr std::size_t kBatchBytes = std::size_t{4} << 20;

// Also by a path inside its pages.
bool concerns(const Change& change, std::string_view hash) {
  return std::visit(
      [&](const auto& c) {
        if constexpr (requires { c.path; })
          return c.path == hash || isWithin(c.path, pagesOf(hash));
        else
          return c.from == hash || c.to == hash || isWithin(c.to, pagesOf(hash));
      },
      change);
}

bool leavesEmpty(const Change& change, std::string_view path) {
  if (const auto* drop = std::get_if<Drop>(&change)) return drop->path == path;
  if (const auto* erase = std::get_if<EraseRecord>(&change)) return erase->path == path;
  const auto* rename = std::get_if<Rename>(&change);
  return rename && rename->from == path && rename->to != path;
}

bool isLeftEmpty(const Batch& batch, std::size_t before, std::string_view path) {
  while (before-- > 0)
    if (concerns(batch.changes[before], path)) return leavesEmpty(batch.changes[before], path);
  return true;
}

// A rename whose source is the hash that stood there before the batch.
const Rename* firstRename(const Batch& batch, std::size_t place) {
  const auto* rename = std::get_if<Rename>(&batch.changes[place]);
  if (!rename || rename->from == rename->to) return nullptr;
  const auto comesThere = [&](const Change& change) {
    const auto* other = std::get_if<Rename>(&change);
    return other && (other->to == rename->from || other->from == rename->from);
  };
  const auto end = batch.changes.begin() + static_cast<std::ptrdiff_t>(place);
  return std::any_of(batch.changes.begin(), end, comesThere) ? nullptr : rename;
}

}  // namespace

bool standsAlone(const Batch& batch, std::size_t place) {
  const auto* rename = std::get_if<Rename>(&batch.changes[place]);
  if (!rename || rename->from == rename->to) return false;
  for (std::size_t i = 0; i < batch.changes.size(); ++i) {
    if (i == place) continue;
    if (concerns(batch.changes[i], rename->from)) return false;
    if (i > place && concerns(batch.changes[i], rename->to)) return false;
  }
  return isLeftEmpty(batch, place, rename->to);
}

bool hasOthersAtDestination(const Batch& batch, std::size_t place) {
  const std::string& to = std::get<Rename>(batch.changes[place]).to;
  for (std::size_t i = 0; i < batch.changes.size(); ++i)
    if (i != place && concerns(batch.changes[i], to)) return true;
  return false;
}

SeparatedBatch::SeparatedBatch(Backend& backend, const Batch& batch, const IsLarge& isLarge)
    : backend_(backend) {
  for (std::size_t i = 0; i < batch.changes.size(); ++i) {
    const Rename* const rename = firstRename(batch, i);
    if (rename && !standsAlone(batch, i) && isLarge(rename->from)) copy(rename->from);
  }
  if (copies_.empty()) {
    separated_ = batch;
    return;
  }
  for (const Change& change : batch.changes) std::visit([this](const auto& c) { one(c); }, change);
  flush();
  // There is nothing to be dropped; but changes that did nothing may be the last word on the path.
  for (const auto& [path, copy] : copies_)
    separated_.add(Drop{path}).add(Rename{copy->path(), path});
}

Applied SeparatedBatch::kept(Applied applied) {
  for (const auto& copy : all_) copy->letGo();
  applied.added += inCopies_.added;
  applied.removed += inCopies_.removed - copied_;
  return applied;
}

void SeparatedBatch::copy(const std::string& path) {
  const auto header = backend_.record(path);
  const auto info = backend_.info(path);
  if (!header || !info) return;
  all_.push_back(std::make_unique<HiddenHash>(backend_, *header));
  all_.back()->putAll(path);
  all_.back()->flush();
  copies_[path] = all_.back().get();
  copied_ += info->length;
  separated_.add(Drop{path});
}

template <class Item>
void SeparatedBatch::inCopy(const std::string& path, Item change) {
  const auto copy = copies_.find(path);
  if (copy == copies_.end()) {
    separated_.add(std::move(change));
    return;
  }
  change.path = copy->second->path();
  if constexpr (requires { change.text; }) pendingBytes_ += change.text.size();
  pending_.add(std::move(change));
  if (pending_.changes.size() >= kBatchChanges || pendingBytes_ >= kBatchBytes) flush();
}

void SeparatedBatch::flush() {
  const Applied applied = backend_.apply(pending_);
  inCopies_.added += applied.added;
  inCopies_.removed += applied.removed;
  pending_.changes.clear();
  pendingBytes_ = 0;
}

// What a change does away with is no path of a copy any more.
void SeparatedBatch::drop(const std::string& path) {
  inCopy(path, Drop{path});
  copies_.erase(path);
}

void SeparatedBatch::one(const Create& c) { inCopy(c.path, c); }
void SeparatedBatch::one(const Put& c) { inCopy(c.path, c); }
void SeparatedBatch::one(const Remove& c) { inCopy(c.path, c); }
void SeparatedBatch::one(const Clear& c) { inCopy(c.path, c); }
void SeparatedBatch::one(const Drop& c) { drop(c.path); }

void SeparatedBatch::one(const Rename& c) {
  if (c.from == c.to) return;
  const auto moved = copies_.find(c.from);
  if (moved == copies_.end()) {
    const bool replacesCopy = copies_.contains(c.to) && isThere(c.from, separated_.changes.size());
    if (replacesCopy) drop(c.to);
    separated_.add(c);
    return;
  }
  HiddenHash* const copy = moved->second;
  copies_.erase(moved);
  drop(c.to);
  copies_[c.to] = copy;
}

// Whether there is such a hash before the change at that place, which has no copy.
bool SeparatedBatch::isThere(const std::string& path, std::size_t before) const {
  while (before-- > 0) {
    const Change& change = separated_.changes[before];
    if (leavesEmpty(change, path)) return false;
    const auto* rename = std::get_if<Rename>(&change);
    if (rename && rename->to == path && isThere(rename->from, before)) return true;
    const auto* create = std::get_if<Create>(&change);
    if (create && create->path == path) return true;
  }
  return backend_.info(path).has_value();
}

// Not of a path where a hash is.
void SeparatedBatch::one(const PutRecord& c) { separated_.add(c); }
void SeparatedBatch::one(const EraseRecord& c) { separated_.add(c); }

}  // namespace hexpage
