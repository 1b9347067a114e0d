// The page tree of a hash. A node is named by hex digits: "" is the root, "3" and "32" are below
// it; it is a page, which holds the items whose key's MD5 begins with its digits, or an index,
// which says that they are one level down. This file does no I/O.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "paged/page.hpp"
#include "support/digest.hpp"

namespace hexpage {

struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const {
    return std::hash<std::string_view>()(text);
  }
};

template <class T>
using ByDigits = std::unordered_map<std::string, T, TextHash, std::equal_to<>>;

struct Node {
  std::shared_ptr<const Page> page;  // null: an index
  // Of an index: a bit for each of the sixteen nodes below it that there are, the lowest for 0;
  // nullopt where it is not known.
  std::optional<std::uint16_t> children = {};

  bool isIndex() const { return !page; }
};

// The tree as it is stored. Both calls give nullopt where there is no record, and throw Corrupt for
// one that can not be read.
class NodeSource {
 public:
  virtual ~NodeSource() = default;

  virtual std::optional<Node> node(std::string_view digits) = 0;
  // The same, for a look that will not come back: a page need not stay in memory.
  virtual std::optional<Node> nodeOnce(std::string_view digits) = 0;
  // The children of an index: as they are known, else as they are found. 0 where there is none.
  virtual std::uint16_t children(std::string_view digits) = 0;
  // Throws Corrupt that names the node's file.
  [[noreturn]] virtual void refuse(std::string_view digits, const std::string& reason) = 0;
};

struct TreeLimits {
  std::size_t pageItems = kDefaultPageSize;
  std::size_t pageBytes = std::size_t{1} << 20;
  // How deep pages are split for their items, and for their bytes. Keys spread evenly do not come
  // so far; whoever makes keys that share that many digits gets a fuller page, not more folders.
  std::size_t levels = 8;
  std::size_t levelsForBytes = 12;
  Style style = Style::Compact;
};

// Changes to a tree, kept beside it until they are committed.
//
// A page over a limit is split, again and again, until none is over, the keys of one share their
// whole digest, or it lies as deep as pages may be split. A tree that is deeper already is used as
// it is. The items below an index are gathered into one page as soon as they fill at most
// half of it, from the bottom up; so a put and a remove at a limit never split and gather in turn.
// A page without items is removed, but for the root.
class TreeEdit {
 public:
  TreeEdit(NodeSource& base, TreeLimits limits) : base_(base), limits_(limits) {}

  void setPageItems(std::size_t items) { limits_.pageItems = items; }

  // Says whether the key is new.
  bool put(std::string_view key, std::string_view text, Expires expires = 0);
  // Says whether the key was there.
  bool remove(std::string_view key);
  bool has(std::string_view key);

  // Removes every node, the root too.
  void removeAll() { removeBelow(""); }
  // Replaces the root by an empty page. Call removeAll() first if there is a tree.
  void makeRoot();

  // Stages a node as it is.
  void stage(const std::string& digits, const Node& node);
  // Stages the page with its own `length` recounted.
  void recount(const std::string& digits);
  // Removes the key from this page, wherever the key belongs.
  void removeFrom(const std::string& digits, std::string_view key);

  // The tree with the changes in it.
  std::optional<Node> node(std::string_view digits);
  std::optional<Node> nodeOnce(std::string_view digits);

  // Lets every index know its children again. To be called when all changes are made.
  void noteChildren();

  // The nodes that differ: nullopt where one is removed.
  const ByDigits<std::optional<Node>>& changes() const { return staged_; }

 private:
  // Where items of a digest belong: a page, or a place where there is none yet.
  struct Leaf {
    std::string digits;
    std::shared_ptr<const Page> page;
  };
  Leaf leafOf(const Digest& digest);
  Leaf leafAt(const std::string& digits);
  Page& editable(Leaf leaf, std::size_t room);
  void removeFrom(Leaf leaf, std::string_view key);
  bool isToSplit(const std::string& digits, const Page& page) const;
  void split(const std::string& digits);
  void gatherAbove(std::string digits);
  bool gather(const std::string& digits);
  // The items below, unless they are more than would fit comfortably.
  struct Amount {
    std::size_t items = 0;
    std::size_t bytes = 0;
  };
  bool addUp(const std::string& digits, Amount& amount);
  void collect(const std::string& digits, Page& into);
  void removeBelow(const std::string& digits);
  void noteUnder(const std::string& digits);

  NodeSource& base_;
  TreeLimits limits_;
  ByDigits<std::optional<Node>> staged_;
  std::set<std::string> reshaped_;  // where children may have come or gone
};

// Calls visit(digits, node) with each node of a tree from the digits down, a node before those
// below it, of which there may be some if isAbove(node). A Tree has nodeOnce(digits).
template <class Tree, class Visit, class IsAbove>
void eachNodeIf(Tree& tree, const std::string& digits, Visit& visit, IsAbove isAbove) {
  const std::optional<Node> node = tree.nodeOnce(digits);
  if (!node) return;
  visit(digits, *node);
  if (isAbove(*node) && digits.size() < Digest::kDigits)
    for (unsigned d = 0; d < 16; ++d) eachNodeIf(tree, digits + hexDigit(d), visit, isAbove);
}

template <class Tree, class Visit>
void eachNode(Tree& tree, const std::string& digits, Visit& visit) {
  eachNodeIf(tree, digits, visit, [](const Node& node) { return node.isIndex(); });
}

// The same, with the records below a page too, where no look-up goes and a crashed split leaves
// some.
template <class Tree, class Visit>
void eachRecord(Tree& tree, const std::string& digits, Visit& visit) {
  eachNodeIf(tree, digits, visit, [](const Node&) { return true; });
}

// The lowest digest after all those that begin with the digits; "" when there is none.
std::string after(std::string_view digits);

}  // namespace hexpage
