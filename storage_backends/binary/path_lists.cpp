#include "binary/path_lists.hpp"

#include <algorithm>
#include <hexpage/error.hpp>
#include <limits>
#include <utility>

#include "binary/catalogue.hpp"
#include "support/bytes.hpp"
#include "support/path_rules.hpp"

namespace hexpage {
namespace {

constexpr std::size_t kLongest = 512;  // paths in a list before it is divided
constexpr std::size_t kShortest = 32;  // and before it is joined with the next
constexpr std::size_t kNoLimit = std::numeric_limits<std::size_t>::max();

using Paths = std::vector<std::pair<std::string, Kind>>;

bool isBefore(const std::pair<std::string, Kind>& a, const std::pair<std::string, Kind>& b) {
  return pathLess(a.first, b.first);
}

char letterOf(Kind kind) { return kind == Kind::Hash ? 'h' : 'r'; }

// Those of a list that are not before `from`, in order.
Paths pathsIn(const kv::View& view, kv::TreeId list, std::string_view from) {
  Paths paths;
  view.scan(list, 0, kNoLimit, kNoLimit, [&](const kv::Entry& entry) {
    if (!pathLess(entry.key, from))
      paths.emplace_back(entry.key, entry.value == "h" ? Kind::Hash : Kind::Record);
  });
  std::sort(paths.begin(), paths.end(), isBefore);
  return paths;
}

// The list that has the path or would have it.
template <class Lists>
std::size_t indexOf(const Lists& lists, std::string_view path) {
  const auto next =
      std::upper_bound(lists.begin(), lists.end(), path,
                       [](std::string_view p, const PathList& l) { return pathLess(p, l.first); });
  return next == lists.begin() ? 0 : static_cast<std::size_t>(next - lists.begin()) - 1;
}

}  // namespace

std::vector<PathList> pathLists(const kv::View& view) {
  std::vector<PathList> lists;
  const auto decode = [&](std::string_view bytes) {
    ByteReader reader(bytes, "the record of the lists of paths");
    while (reader.left() > 0) {
      const kv::TreeId tree = reader.varint();
      lists.push_back({std::string(reader.text()), tree});
    }
  };
  view.read(kListsKey, decode, kCatalogue);
  return lists;
}

void walkPaths(const kv::View& view, std::string_view from,
               const std::function<bool(std::string_view path, Kind kind)>& visit) {
  const std::vector<PathList> lists = pathLists(view);
  for (std::size_t i = indexOf(lists, from); i < lists.size(); ++i)
    for (const auto& [path, kind] : pathsIn(view, lists[i].tree, from))
      if (!visit(path, kind)) return;
}

// Changes

void PathListEdit::load() {
  if (std::exchange(isLoaded_, true)) return;
  store_.look([&](const kv::View& view) {
    lists_.clear();
    for (PathList& list : pathLists(view)) lists_.push_back({std::move(list), false});
  });
  if (!lists_.empty()) return;
  lists_.push_back({{"", change_.newTree()}, true});
  save();
}

void PathListEdit::save() {
  std::string bytes;
  for (const Open& list : lists_) {
    putVarint(bytes, list.tree);
    putText(bytes, list.first);
  }
  change_.set(kListsKey, bytes, kCatalogue);
}

void PathListEdit::add(std::string_view path, Kind kind) {
  const char letter = letterOf(kind);
  change_.set(path, {&letter, 1}, listFor(path));
}

void PathListEdit::remove(std::string_view path) { change_.erase(path, listFor(path)); }

kv::TreeId PathListEdit::listFor(std::string_view path) {
  load();
  std::size_t at = indexOf(lists_, path);
  if (!lists_[at].isTouched) {
    balance(at);
    at = indexOf(lists_, path);
  }
  lists_[at].isTouched = true;
  return lists_[at].tree;
}

// Before a list is changed first, so that what is in it is what is in the store.
void PathListEdit::balance(std::size_t at) {
  const std::uint64_t here = store_.count(lists_[at].tree);
  if (here > kLongest) return replace(at, at + 1);
  if (here > kShortest || lists_.size() == 1) return;
  const std::size_t other = at + 1 < lists_.size() ? at + 1 : at - 1;
  if (!lists_[other].isTouched && here + store_.count(lists_[other].tree) <= kLongest / 2)
    replace(std::min(at, other), std::max(at, other) + 1);
}

// Puts what is in the lists from `begin` to `end` into new ones.
void PathListEdit::replace(std::size_t begin, std::size_t end) {
  Paths paths;
  store_.look([&](const kv::View& view) {
    paths.clear();
    for (std::size_t i = begin; i < end; ++i)
      std::ranges::move(pathsIn(view, lists_[i].tree, ""), std::back_inserter(paths));
  });
  for (std::size_t i = begin; i < end; ++i) change_.dropTree(lists_[i].tree);
  const std::vector<Open> made = write(paths, lists_[begin].first);
  const auto at = lists_.erase(lists_.begin() + static_cast<std::ptrdiff_t>(begin),
                               lists_.begin() + static_cast<std::ptrdiff_t>(end));
  lists_.insert(at, made.begin(), made.end());
  save();
}

std::vector<PathListEdit::Open> PathListEdit::write(const Paths& paths, std::string first) {
  std::vector<Open> made;
  for (std::size_t i = 0; i == 0 || i < paths.size(); i += kLongest / 2) {
    made.push_back({{i == 0 ? std::move(first) : paths[i].first, change_.newTree()}, true});
    const std::size_t end = std::min(i + kLongest / 2, paths.size());
    for (std::size_t n = i; n < end; ++n) {
      const char letter = letterOf(paths[n].second);
      change_.set(paths[n].first, {&letter, 1}, made.back().tree);
    }
  }
  return made;
}

void PathListEdit::rebuild(Paths paths) {
  load();
  std::sort(paths.begin(), paths.end(), isBefore);
  for (const Open& list : lists_) change_.dropTree(list.tree);
  lists_ = write(paths, "");
  save();
}

}  // namespace hexpage
