// What the index is made of above its pages. A tree is a Directory: the top bits of a key's hash
// choose the page. The directories hang in TreeNodes, 512 a node, by the tree's id; the one of tree
// 0 hangs in the root itself. A word in them is a pointer, or a place in the index file of what was
// not needed yet.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "binary/page.hpp"

namespace hexpage::kv {

using Word = std::uint64_t;  // 0: nothing

inline bool isOnDisk(Word word) { return (word & 1) != 0; }
inline Word onDisk(std::uint64_t location) { return location << 1 | 1; }
inline std::uint64_t locationIn(Word word) { return word >> 1; }
template <class T>
T* pointerIn(Word word) {
  return reinterpret_cast<T*>(word);
}
template <class T>
Word pointing(T* pointer) {
  return reinterpret_cast<Word>(pointer);
}

struct Directory {
  Directory(std::uint64_t tree_, unsigned depth_, std::uint64_t version_)
      : tree(tree_),
        version(version_),
        depth(depth_),
        entries(std::make_unique<std::atomic<Word>[]>(std::size_t{1} << depth_)) {}
  ~Directory() {
    for (Page* page : privatePages) Page::free(page);
  }

  std::size_t size() const { return std::size_t{1} << depth; }
  std::size_t indexOf(std::uint64_t hash) const { return depth == 0 ? 0 : hash >> (64 - depth); }
  Word at(std::size_t i) const { return entries[i].load(std::memory_order_acquire); }
  void set(std::size_t i, Word word) { entries[i].store(word, std::memory_order_release); }
  // Where the run of equal words ends that begins at i.
  std::size_t runEnd(std::size_t i) const {
    const Word word = at(i);
    do ++i;
    while (i < size() && at(i) == word);
    return i;
  }

  const std::uint64_t tree;
  const std::uint64_t version;
  const unsigned depth;
  std::atomic<std::uint64_t> records{0};
  std::atomic<std::uint64_t> location{0};  // as in a page
  std::unique_ptr<std::atomic<Word>[]> entries;
  bool isFrozen = false;            // only snapshots see it
  std::vector<Page*> privatePages;  // loaded after that
};

struct TreeNode {
  static constexpr unsigned kBits = 9;
  static constexpr std::size_t kWidth = std::size_t{1} << kBits;

  TreeNode(unsigned level_, std::uint64_t version_) : level(level_), version(version_) {}
  ~TreeNode() {
    for (TreeNode* node : privateNodes) delete node;
    for (Directory* directory : privateDirectories) delete directory;
  }

  std::size_t indexOf(std::uint64_t tree) const { return tree >> (kBits * level) & (kWidth - 1); }
  bool covers(std::uint64_t tree) const {
    return kBits * (level + 1) >= 64 || tree >> (kBits * (level + 1)) == 0;
  }
  Word at(std::size_t i) const { return entries[i].load(std::memory_order_acquire); }
  void set(std::size_t i, Word word) { entries[i].store(word, std::memory_order_release); }

  const unsigned level;  // 0: its words are directories, else nodes
  const std::uint64_t version;
  std::atomic<std::uint64_t> location{0};
  std::array<std::atomic<Word>, kWidth> entries{};
  bool isFrozen = false;
  std::vector<TreeNode*> privateNodes;
  std::vector<Directory*> privateDirectories;
};

struct Roots {
  Directory* zero = nullptr;  // tree 0
  TreeNode* others = nullptr;
};

}  // namespace hexpage::kv
