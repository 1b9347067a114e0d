#include "binary/ordered_keys.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "support/bytes.hpp"

namespace hexpage {
namespace {

constexpr std::size_t kLongest = 512;  // keys in a list before it is divided
constexpr std::size_t kShortest = 32;  // and before it is joined with another
constexpr std::size_t kNoLimit = std::numeric_limits<std::size_t>::max();

// The list that has the key or would have it.
template <class Lists>
std::size_t indexOf(const Lists& lists, std::string_view key, OrderedKeys::Less less) {
  const auto next =
      std::upper_bound(lists.begin(), lists.end(), key,
                       [less](std::string_view k, const KeyList& l) { return less(k, l.first); });
  return next == lists.begin() ? 0 : static_cast<std::size_t>(next - lists.begin()) - 1;
}

}  // namespace

std::vector<KeyList> OrderedKeys::lists(const kv::View& view) const {
  std::vector<KeyList> lists;
  const auto decode = [&](std::string_view bytes) {
    ByteReader reader(bytes, "a record of lists");
    while (reader.left() > 0) {
      const kv::TreeId list = reader.varint();
      lists.push_back({std::string(reader.text()), list});
    }
  };
  view.read(record, decode, tree);
  return lists;
}

void OrderedKeys::walk(const kv::View& view, std::string_view from, const Visit& visit) const {
  const std::vector<KeyList> all = lists(view);
  for (std::size_t i = indexOf(all, from, less); i < all.size(); ++i) {
    std::vector<std::pair<std::string, std::string>> keys;
    view.scan(all[i].tree, 0, kNoLimit, kNoLimit, [&](const kv::Entry& entry) {
      if (!less(entry.key, from)) keys.emplace_back(entry.key, entry.value);
    });
    std::sort(keys.begin(), keys.end(),
              [this](const auto& a, const auto& b) { return less(a.first, b.first); });
    for (const auto& [key, value] : keys)
      if (!visit(key, value)) return;
  }
}

// Changes

void OrderedKeysEdit::clear() {
  isCleared_ = true;
  pending_.clear();
}

void OrderedKeysEdit::load() {
  store_.look([&](const kv::View& view) {
    lists_.clear();
    for (KeyList& list : keys_.lists(view)) lists_.push_back({std::move(list), false});
  });
  if (isCleared_) {
    for (const List& list : lists_) change_.dropTree(list.tree);
    lists_.clear();
    haveListsChanged_ = true;
  }
  if (!lists_.empty() || pending_.empty()) return;
  lists_.push_back({{"", change_.newTree()}, true});
  haveListsChanged_ = true;
}

void OrderedKeysEdit::finish() {
  if (pending_.empty() && !isCleared_) return;
  load();
  for (auto at = pending_.cbegin(); at != pending_.cend();) {
    const std::size_t list = indexOf(lists_, at->first, keys_.less);
    const Part part = partOf(list, at);
    edit(list, part);
    at = part.end;
  }
  if (haveListsChanged_) save();
}

OrderedKeysEdit::Part OrderedKeysEdit::partOf(std::size_t list,
                                              Pending::const_iterator begin) const {
  const bool isLast = list + 1 == lists_.size();
  Part part{begin, isLast ? pending_.cend() : pending_.lower_bound(lists_[list + 1].first),
            lists_[list].isTouched ? 0 : store_.count(lists_[list].tree)};
  std::uint64_t removed = 0;
  for (auto at = part.begin; at != part.end; ++at) ++(at->second ? part.length : removed);
  part.length -= std::min(removed, part.length);
  return part;
}

void OrderedKeysEdit::edit(std::size_t list, const Part& part) {
  if (part.length > kLongest) return rewrite(list, list + 1, part);
  if (part.length <= kShortest && list + 1 < lists_.size() && canJoin(list + 1, part.length, part))
    return rewrite(list, list + 2, part);
  if (part.length <= kShortest && list > 0 && canJoin(list - 1, part.length, part))
    return rewrite(list - 1, list + 1, part);
  if (part.length == 0 && lists_.size() > 1) return rewrite(list, list + 1, part);
  change(lists_[list], part);
}

// Whether it is short enough, and nothing in it is or will be changed.
bool OrderedKeysEdit::canJoin(std::size_t list, std::uint64_t length, const Part& part) const {
  const bool isLater =
      part.end != pending_.cend() && indexOf(lists_, part.end->first, keys_.less) == list;
  return !lists_[list].isTouched && !isLater &&
         store_.count(lists_[list].tree) + length <= kLongest / 2;
}

void OrderedKeysEdit::change(List& list, const Part& part) {
  list.isTouched = true;
  for (auto at = part.begin; at != part.end; ++at) {
    if (at->second)
      change_.set(at->first, *at->second, list.tree);
    else
      change_.erase(at->first, list.tree);
  }
}

// Puts what is in the lists from `first` to before `last`, as changed, into new ones.
void OrderedKeysEdit::rewrite(std::size_t first, std::size_t last, const Part& part) {
  Keys keys(keys_.less);
  store_.look([&](const kv::View& view) {
    keys.clear();
    for (std::size_t i = first; i < last; ++i)
      view.scan(lists_[i].tree, 0, kNoLimit, kNoLimit,
                [&](const kv::Entry& entry) { keys.emplace(entry.key, entry.value); });
  });
  for (auto at = part.begin; at != part.end; ++at) {
    if (at->second)
      keys.insert_or_assign(at->first, *at->second);
    else
      keys.erase(at->first);
  }
  for (std::size_t i = first; i < last; ++i) change_.dropTree(lists_[i].tree);
  std::vector<List> made;
  std::size_t n = 0;
  for (const auto& [key, value] : keys) {
    if (n++ % (kLongest / 2) == 0)
      made.push_back({{n == 1 ? lists_[first].first : key, change_.newTree()}, true});
    change_.set(key, value, made.back().tree);
  }
  if (made.empty() && last - first == lists_.size())
    made.push_back({{"", change_.newTree()}, true});
  const auto at = lists_.begin() + static_cast<std::ptrdiff_t>(first);
  lists_.insert(lists_.erase(at, at + static_cast<std::ptrdiff_t>(last - first)), made.begin(),
                made.end());
  haveListsChanged_ = true;
}

void OrderedKeysEdit::save() {
  std::string bytes;
  for (const List& list : lists_) {
    putVarint(bytes, list.tree);
    putText(bytes, list.first);
  }
  change_.set(keys_.record, bytes, keys_.tree);
}

}  // namespace hexpage
