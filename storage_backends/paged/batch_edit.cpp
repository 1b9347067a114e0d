#include "paged/batch_edit.hpp"

#include <algorithm>
#include <hexpage/json_text.hpp>
#include <utility>

namespace hexpage {
namespace {

using DigitsAndNode = std::pair<const std::string*, const std::optional<Node>*>;

// The changed nodes, those deeper down first.
std::vector<DigitsAndNode> bottomUp(const ByDigits<std::optional<Node>>& changes) {
  std::vector<DigitsAndNode> sorted;
  sorted.reserve(changes.size());
  for (const auto& [digits, node] : changes) sorted.emplace_back(&digits, &node);
  std::sort(sorted.begin(), sorted.end(), [](const DigitsAndNode& a, const DigitsAndNode& b) {
    if (a.first->size() != b.first->size()) return a.first->size() > b.first->size();
    return *a.first < *b.first;
  });
  return sorted;
}

// A page that is staged is not changed any more, so that its text need not be copied.
SharedText textOf(const Node& node, Style style) {
  if (node.isIndex()) return indexText(style);
  if (const std::string* const whole = node.page->wholeText())
    return SharedText(std::shared_ptr<const std::string>(node.page, whole));
  return node.page->text();
}

}  // namespace

void BatchEdit::apply(const Batch& batch) {
  for (const Change& change : batch.changes)
    idle_.push_back(!std::visit([this](const auto& c) { return one(c); }, change));
}

BatchEdit::HashEdit& BatchEdit::edit(const std::string& path) {
  const auto found = edits_.find(path);
  if (found != edits_.end()) return found->second;
  HashState& state = *states_.find(path)->second;
  TreeLimits limits = limits_;
  const Header* const header = state.header();
  if (header) limits.pageItems = header->pageSize();
  HashEdit hash{state, header ? std::optional(*header) : std::nullopt, false,
                TreeEdit(state, limits)};
  return edits_.emplace(path, std::move(hash)).first->second;
}

void BatchEdit::setLengthOf(const std::string& path, std::uint64_t length) {
  setLength(edit(path), length);
}

void BatchEdit::setLength(HashEdit& hash, std::uint64_t length) {
  hash.header->setStyle(limits_.style);
  hash.header->setLength(length);
  hash.headerChanged = true;
}

void BatchEdit::empty(HashEdit& hash) {
  hash.tree.removeAll();
  hash.tree.makeRoot();
}

bool BatchEdit::one(const Create& change) {
  HashEdit& hash = edit(change.path);
  if (hash.header) return false;
  hash.header = Header::make(change.options, limits_.style);
  hash.headerChanged = true;
  hash.tree.setPageItems(hash.header->pageSize());
  hash.tree.makeRoot();
  return true;
}

bool BatchEdit::one(const Put& change) {
  HashEdit& hash = edit(change.path);
  if (!hash.tree.put(change.key, change.text, change.expires)) return true;
  ++applied_.added;
  setLength(hash, hash.header->length() + 1);
  return true;
}

bool BatchEdit::one(const Remove& change) {
  HashEdit& hash = edit(change.path);
  if (!hash.header || !hash.tree.remove(change.key)) return false;
  ++applied_.removed;
  setLength(hash, hash.header->length() - std::min<std::uint64_t>(1, hash.header->length()));
  return true;
}

bool BatchEdit::one(const Clear& change) {
  HashEdit& hash = edit(change.path);
  if (!hash.header) return false;
  const std::uint64_t removed = hash.header->length();
  applied_.removed += removed;
  empty(hash);
  setLength(hash, 0);
  return removed != 0;
}

bool BatchEdit::one(const Drop& change) {
  HashEdit& hash = edit(change.path);
  if (!hash.header) return false;
  applied_.removed += hash.header->length();
  hash.tree.removeAll();
  hash.header.reset();
  hash.headerChanged = true;
  return true;
}

bool BatchEdit::one(const Rename& change) {
  if (change.from == change.to) return false;
  HashEdit& from = edit(change.from);
  if (!from.header) return false;
  HashEdit& to = edit(change.to);
  if (to.header) applied_.removed += to.header->length();
  records_.erase(change.to);  // the header takes the place of a record
  to.tree.removeAll();
  to.header = std::exchange(from.header, std::nullopt);
  to.tree.setPageItems(to.header->pageSize());
  const auto move = [&](const std::string& digits, const Node& node) {
    to.tree.stage(digits, node);
  };
  eachNode(from.tree, "", move);
  from.tree.removeAll();
  from.headerChanged = to.headerChanged = true;
  return true;
}

bool BatchEdit::one(const PutRecord& change) {
  records_[change.path] = change.text;
  return true;
}

bool BatchEdit::one(const EraseRecord& change) {
  const bool isThere = isRecordThere(change.path);
  records_[change.path] = std::nullopt;
  return isThere;
}

// checkStructure() has looked; when a batch is redone nobody asks.
bool BatchEdit::isRecordThere(const std::string& path) {
  const auto changed = records_.find(path);
  if (changed != records_.end()) return changed->second.has_value();
  const std::optional<VersionPtr> version = states_.find(path)->second->headerVersion();
  return !version || *version;
}

// A plain record is written without a look at what was there.
std::optional<VersionPtr> BatchEdit::replacedBy(const Target& target) {
  if (!target.hash) return std::nullopt;
  const HashState& state = target.hash->state;
  return target.node ? state.versionOf(*target.node) : state.headerVersion();
}

void BatchEdit::addText(std::vector<RecordWrite>& writes, RecordWrite write, Target target) {
  write.replaces = replacedBy(target);
  writes.push_back(std::move(write));
  targets_.push_back(std::move(target));
}

// Not where something else has come in its place.
void BatchEdit::addRemoval(std::vector<RecordWrite>& writes, const std::string& path, bool isNamed,
                           Target target) {
  if (!written_) {
    written_.emplace();
    for (const RecordWrite& write : writes) written_->insert(write.path);
  }
  if (written_->contains(path)) return;
  writes.push_back(
      {.path = path, .content = {}, .isNamed = isNamed, .replaces = replacedBy(target)});
  targets_.push_back(std::move(target));
}

std::vector<RecordWrite> BatchEdit::writes() {
  std::size_t count = records_.size();
  for (const auto& [path, hash] : edits_) count += hash.tree.changes().size() + 1;
  std::vector<RecordWrite> writes;
  writes.reserve(count);
  targets_.clear();
  targets_.reserve(count);
  written_.reset();
  for (auto& [path, hash] : edits_) hash.tree.noteChildren();
  for (auto& [path, hash] : edits_) addTexts(hash, writes);
  for (const auto& [path, text] : records_)
    if (text) {
      const std::string laidOut = limits_.style == Style::Pretty ? indented(*text) : *text;
      addText(writes, {path, RecordWrite::Kind::Text, laidOut, true}, {});
    }
  for (auto& [path, hash] : edits_) addRemovals(hash, writes);
  for (const auto& [path, text] : records_)
    if (!text) addRemoval(writes, path, true, {});
  return writes;
}

void BatchEdit::addTexts(HashEdit& hash, std::vector<RecordWrite>& writes) {
  for (const auto& [digits, node] : bottomUp(hash.tree.changes())) {
    if (!*node) continue;
    addText(writes,
            {hash.state.recordOf(*digits), RecordWrite::Kind::Text, textOf(**node, limits_.style),
             false, (*node)->children},
            {&hash, *digits});
  }
  if (hash.headerChanged && hash.header)
    addText(writes, {hash.state.path(), RecordWrite::Kind::Text, hash.header->text(), true},
            {&hash, std::nullopt});
}

void BatchEdit::addRemovals(HashEdit& hash, std::vector<RecordWrite>& writes) {
  if (hash.headerChanged && !hash.header)
    addRemoval(writes, hash.state.path(), true, {&hash, std::nullopt});
  const auto isRemoval = [](const auto& change) { return !change.second; };
  const auto& changes = hash.tree.changes();
  if (std::none_of(changes.begin(), changes.end(), isRemoval)) return;
  for (const auto& [digits, node] : bottomUp(changes))
    if (!*node) addRemoval(writes, hash.state.recordOf(*digits), false, {&hash, *digits});
}

void BatchEdit::install(std::span<const VersionPtr> versions) {
  for (std::size_t i = 0; i < targets_.size(); ++i) {
    const Target& target = targets_[i];
    if (!target.hash) continue;
    HashState& state = target.hash->state;
    if (target.node)
      state.installNode(*target.node, target.hash->tree.changes().find(*target.node)->second,
                        versions[i]);
    else
      state.installHeader(target.hash->header, versions[i]);
  }
  // That there was no hash is what a state knows of a record's file, too.
  for (const auto& [path, text] : records_)
    if (const auto state = states_.find(path); state != states_.end()) state->second->forget();
}

}  // namespace hexpage
