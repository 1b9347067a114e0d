// The parts of the index that come from its file when they are first needed.
#include "binary/index.hpp"

#include <algorithm>
#include <hexpage/error.hpp>

namespace hexpage::kv {

void Index::restore(std::shared_ptr<const IndexImages> images, std::uint64_t zero,
                    std::uint64_t others) {
  const Roots before = this->roots();
  std::unique_ptr<Directory> directory(zero == 0 ? nullptr : images->directory(zero));
  std::unique_ptr<TreeNode> node(others == 0 ? nullptr : images->node(others));
  images_ = std::move(images);
  setRoots({directory.get(), node.get()});
  static_cast<void>(directory.release());
  static_cast<void>(node.release());
  if (before.zero != nullptr) retire(*before.zero);
  if (before.others != nullptr) retireNode(*before.others);
}

// Snapshots may still load of it what they need.
void Index::retire(Directory& directory) {
  directory.isFrozen = true;
  for (std::size_t i = 0; i < directory.size(); i = directory.runEnd(i))
    if (const Word word = directory.at(i); !isOnDisk(word)) retirePage(pointerIn<Page>(word));
  reclaimer_.retire([&directory] { delete &directory; });
}

void Index::retireNode(TreeNode& node) {
  node.isFrozen = true;
  for (std::size_t i = 0; i < TreeNode::kWidth; ++i) {
    const Word word = node.at(i);
    if (word == 0 || isOnDisk(word)) continue;
    if (node.level > 0)
      retireNode(*pointerIn<TreeNode>(word));
    else
      retire(*pointerIn<Directory>(word));
  }
  reclaimer_.retire([&node] { delete &node; });
}

void Index::setOnDisk(std::shared_ptr<const IndexImages> images, bool isThere) {
  images_ = std::move(images);
  isOnDisk_ = isThere;
}

Directory* Index::loadDirectory(TreeNode& node, std::size_t i) const {
  const std::scoped_lock lock(mutex_);
  const Word word = node.at(i);
  if (!isOnDisk(word)) return pointerIn<Directory>(word);
  std::unique_ptr<Directory> directory(images_->directory(locationIn(word)));
  directory->isFrozen = node.isFrozen;
  if (node.isFrozen) node.privateDirectories.push_back(directory.get());
  node.set(i, pointing(directory.get()));
  return directory.release();
}

TreeNode* Index::loadNode(TreeNode& node, std::size_t i) const {
  const std::scoped_lock lock(mutex_);
  const Word word = node.at(i);
  if (!isOnDisk(word)) return pointerIn<TreeNode>(word);
  std::unique_ptr<TreeNode> child(images_->node(locationIn(word)));
  child->isFrozen = node.isFrozen;
  if (node.isFrozen) node.privateNodes.push_back(child.get());
  node.set(i, pointing(child.get()));
  return child.release();
}

Page* Index::loadPage(Directory& directory, std::size_t i) const {
  const std::scoped_lock lock(mutex_);
  const Word word = directory.at(i);
  if (!isOnDisk(word)) return pointerIn<Page>(word);
  makeSpace();  // before: the page must not go at once
  NewPage page = counted(images_->page(locationIn(word)));
  if (page->depth > directory.depth)
    throw Error(Code::Corrupt, "index: a page that is deeper than its directory");
  if (directory.isFrozen) {
    directory.privatePages.push_back(page.get());
    pageBytes_ -= page->bytes();
  }
  const std::size_t span = directory.size() >> page->depth;
  const std::size_t first = i / span * span;
  for (std::size_t n = 0; n < span; ++n) directory.set(first + n, pointing(page.get()));
  return page.release();
}

// Second chance: a page that was used since the last look stays. The writer's pages are changed,
// and so have no place on disk, while it works on them.
void Index::makeSpace() const {
  if (limit_ == 0 || !isOnDisk_ || pageBytes_ <= limit_) return;
  const std::uint64_t target = limit_ - limit_ / 8;
  const Roots roots = this->roots();
  for (int round = 0; round < 2 && pageBytes_ > target; ++round)
    forEachLoadedTree(roots, [&](Directory& directory) {
      const std::size_t hand = directory.tree == 0 ? hand_ % directory.size() : 0;
      putOut(directory, hand, directory.size(), target);
      putOut(directory, 0, hand, target);
    });
}

void Index::putOut(Directory& directory, std::size_t begin, std::size_t end,
                   std::uint64_t target) const {
  for (std::size_t i = begin; i < end && pageBytes_ > target;) {
    const Word word = directory.at(i);
    const std::size_t next = std::min(directory.runEnd(i), end);
    if (!isOnDisk(word)) {
      Page* const page = pointerIn<Page>(word);
      const std::uint64_t location = page->location;
      if (location != 0 && page->isTouched.exchange(0) == 0) {
        const std::size_t span = directory.size() >> page->depth;
        const std::size_t first = i / span * span;
        for (std::size_t n = 0; n < span; ++n) directory.set(first + n, onDisk(location));
        retirePage(page);
      }
    }
    if (directory.tree == 0) hand_ = next;
    i = next;
  }
}

void Index::forEachLoadedTree(const Roots& roots,
                              const std::function<void(Directory&)>& each) const {
  if (roots.zero != nullptr) each(*roots.zero);
  const std::function<void(TreeNode&)> walk = [&](TreeNode& node) {
    for (std::size_t i = 0; i < TreeNode::kWidth; ++i) {
      const Word word = node.at(i);
      if (word == 0 || isOnDisk(word)) continue;
      if (node.level > 0)
        walk(*pointerIn<TreeNode>(word));
      else
        each(*pointerIn<Directory>(word));
    }
  };
  if (roots.others != nullptr) walk(*roots.others);
}

namespace {

void freeDirectory(Directory* directory) {
  for (std::size_t i = 0; i < directory->size();) {
    const Word word = directory->at(i);
    const std::size_t next = directory->runEnd(i);
    if (!isOnDisk(word) && !directory->isFrozen) Page::free(pointerIn<Page>(word));
    i = next;
  }
  delete directory;
}

void freeNode(TreeNode* node) {
  for (std::size_t i = 0; i < TreeNode::kWidth; ++i) {
    const Word word = node->at(i);
    if (word == 0 || isOnDisk(word)) continue;
    if (node->level > 0)
      freeNode(pointerIn<TreeNode>(word));
    else
      freeDirectory(pointerIn<Directory>(word));
  }
  delete node;
}

}  // namespace

// Nobody reads any more and no snapshot is held. What is retired is the reclaimer's.
Index::~Index() {
  const Roots* const roots = roots_;
  if (roots->zero != nullptr) freeDirectory(roots->zero);
  if (roots->others != nullptr) freeNode(roots->others);
  delete roots;
}

}  // namespace hexpage::kv
