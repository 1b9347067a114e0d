#include "filesystem/dirty_records.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "support/path_rules.hpp"

namespace hexpage {
namespace {

bool isRemoval(const RecordWrite& write) { return write.kind == RecordWrite::Kind::Removal; }

std::size_t newFilesOf(const RecordWrite& write) { return write.isOfNew() ? 1 : 0; }

// Lower ranks are placed first, so that a reader of the files meets a page before what leads to it.
int rankOf(const RecordWrite& write) {
  if (isRemoval(write)) return write.isNamed ? 2 : 3;
  return write.isNamed ? 1 : 0;
}

bool isPlacedBefore(const RecordWrite& a, const RecordWrite& b) {
  const int rankA = rankOf(a), rankB = rankOf(b);
  if (rankA != rankB) return rankA < rankB;
  // Of two pages on one branch the deeper one.
  if (a.path.size() != b.path.size()) return a.path.size() > b.path.size();
  return a.path < b.path;
}

}  // namespace

void DirtyRecords::reserve(const std::vector<RecordWrite>& writes) {
  try {
    const std::size_t most = recent_.size() + writes.size() + cut_.size();
    if (most > recent_.bucket_count()) recent_.reserve(2 * most);
    for (const RecordWrite& write : writes) recent_.try_emplace(write.path);
  } catch (...) {
    giveBack(writes);
    throw;
  }
}

// What reserve() has made has no path yet.
void DirtyRecords::giveBack(const std::vector<RecordWrite>& writes) noexcept {
  for (const RecordWrite& write : writes) {
    const auto found = recent_.find(write.path);
    if (found != recent_.end() && found->second.write.path.empty()) recent_.erase(found);
  }
}

void DirtyRecords::put(std::vector<RecordWrite>& writes,
                       const std::vector<std::shared_ptr<Version>>& versions) noexcept {
  for (std::size_t i = 0; i < writes.size(); ++i) {
    Recent& recent = recent_.find(writes[i].path)->second;
    bytes_ += writes[i].content.size();
    bytes_ -= recent.write.content.size();
    // What the file has has not changed.
    if (!recent.write.path.empty()) {
      newFiles_ -= newFilesOf(recent.write);
      writes[i].replaces = std::move(recent.write.replaces);
    }
    recent.write = std::move(writes[i]);
    newFiles_ += newFilesOf(recent.write);
    recent.version = versions[i];
  }
}

DirtyRecords::Content DirtyRecords::find(std::string_view path) const {
  if (const auto found = recent_.find(path); found != recent_.end())
    return {&found->second.write, found->second.version};
  if (const auto found = cutByPath_.find(path); found != cutByPath_.end())
    return {&cut_[found->second], cutVersions_[found->second]};
  return {};
}

void DirtyRecords::cut() {
  std::vector<Recents::iterator> ordered;
  ordered.reserve(recent_.size());
  for (auto recent = recent_.begin(); recent != recent_.end(); ++recent) ordered.push_back(recent);
  std::sort(ordered.begin(), ordered.end(), [](const auto& a, const auto& b) {
    return isPlacedBefore(a->second.write, b->second.write);
  });
  cut_.reserve(ordered.size());
  cutVersions_.reserve(ordered.size());
  cutNodes_.reserve(ordered.size());
  try {
    cutByPath_.reserve(ordered.size());
    for (const auto& recent : ordered) cutByPath_.emplace(recent->first, cutByPath_.size());
  } catch (...) {
    cutByPath_.clear();
    throw;
  }
  // From here on nothing fails. The keys of cutByPath_ lie in the nodes.
  for (const auto& recent : ordered) {
    cutNodes_.push_back(recent_.extract(recent));
    cut_.push_back(std::move(cutNodes_.back().mapped().write));
    cutVersions_.push_back(std::move(cutNodes_.back().mapped().version));
  }
  bytes_ = 0;
  newFilesOfCut_ = std::exchange(newFiles_, 0);
}

void DirtyRecords::dropCut(const std::vector<Stamp>& stamps) {
  for (std::size_t i = 0; i < cutVersions_.size(); ++i)
    if (cutVersions_[i]) cutVersions_[i]->place(stamps[i]);
  forgetCut();
}

std::vector<RecordWrite> DirtyRecords::takeSuperseded() {
  std::vector<RecordWrite> superseded;
  superseded.reserve(cut_.size());
  std::size_t kept = 0;
  for (std::size_t i = 0; i < cut_.size(); ++i) {
    if (cut_[i].kind == RecordWrite::Kind::Text && recent_.contains(cut_[i].path)) {
      newFilesOfCut_ -= newFilesOf(cut_[i]);
      cutByPath_.erase(cut_[i].path);
      superseded.push_back(std::move(cut_[i]));
      continue;
    }
    cutByPath_[cut_[i].path] = kept;
    if (kept != i) {
      cut_[kept] = std::move(cut_[i]);
      cutVersions_[kept] = std::move(cutVersions_[i]);
      cutNodes_[kept] = std::move(cutNodes_[i]);
    }
    ++kept;
  }
  cut_.resize(kept);
  cutVersions_.resize(kept);
  cutNodes_.resize(kept);
  return superseded;
}

void DirtyRecords::takeBack() noexcept {
  for (std::size_t i = 0; i < cut_.size(); ++i) {
    const auto newer = recent_.find(cut_[i].path);
    if (newer != recent_.end()) {
      newFiles_ -= newFilesOf(newer->second.write);
      newer->second.write.replaces = std::move(cut_[i].replaces);
      newFiles_ += newFilesOf(newer->second.write);
      continue;
    }
    bytes_ += cut_[i].content.size();
    newFiles_ += newFilesOf(cut_[i]);
    cutNodes_[i].mapped() = {std::move(cut_[i]), std::move(cutVersions_[i])};
    recent_.insert(std::move(cutNodes_[i]));
  }
  forgetCut();
}

void DirtyRecords::forgetCut() noexcept {
  cutByPath_.clear();
  cutVersions_.clear();
  cut_.clear();
  cutNodes_.clear();
  newFilesOfCut_ = 0;
}

std::vector<std::pair<std::string, bool>> DirtyRecords::named(std::string_view root) const {
  const auto less = [](const std::string& a, const std::string& b) { return pathLess(a, b); };
  std::map<std::string, bool, decltype(less)> sorted(less);
  const auto add = [&](const RecordWrite& write) {
    const bool isDue = root.empty() ? !isHidden(write.path) : isWithin(write.path, root);
    if (write.isNamed && isDue) sorted.try_emplace(write.path, !isRemoval(write));
  };
  for (const auto& [path, recent] : recent_) add(recent.write);
  for (const RecordWrite& write : cut_) add(write);
  return {sorted.begin(), sorted.end()};
}

}  // namespace hexpage
