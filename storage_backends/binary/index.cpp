#include "binary/index.hpp"

#include <algorithm>
#include <array>
#include <hexpage/error.hpp>

namespace hexpage::kv {
namespace {

constexpr unsigned kMaxDepth = 40;
constexpr std::size_t kMostDamaged = Page::kMaxGroups * Page::kGroupSlots / 2;

// Cheap when it is so already.
void markChanged(std::atomic<std::uint64_t>& location) {
  if (location.load(std::memory_order_relaxed) != 0) location.store(0, std::memory_order_relaxed);
}

// One writer changes it.
void add(std::atomic<std::uint64_t>& records, std::int64_t n) {
  records.store(records.load(std::memory_order_relaxed) + static_cast<std::uint64_t>(n),
                std::memory_order_relaxed);
}

}  // namespace

Index::Index(const Keys& keys, Reclaimer& reclaimer)
    : keys_(keys), reclaimer_(reclaimer), roots_(new Roots) {}

void Index::setRoots(const Roots& roots) {
  const Roots* const before = roots_.exchange(new Roots(roots), std::memory_order_acq_rel);
  reclaimer_.retire([before] { delete before; });
}

// Lookups

Directory* Index::directoryBelow(TreeNode* node, std::uint64_t tree) const {
  if (node == nullptr || !node->covers(tree)) return nullptr;
  for (; node->level > 0;) {
    const std::size_t i = node->indexOf(tree);
    const Word word = node->at(i);
    if (word == 0) return nullptr;
    node = isOnDisk(word) ? loadNode(*node, i) : pointerIn<TreeNode>(word);
  }
  const std::size_t i = node->indexOf(tree);
  const Word word = node->at(i);
  return isOnDisk(word) ? loadDirectory(*node, i) : pointerIn<Directory>(word);
}

Address Index::find(std::uint64_t tree, std::uint64_t hash, std::string_view key) const {
  return find(*roots_.load(std::memory_order_acquire), tree, hash, key);
}

Address Index::find(const Roots& roots, std::uint64_t tree, std::uint64_t hash,
                    std::string_view key) const {
  return lookUp(roots, tree, hash, [&](Address address) { return keys_.keyAt(address) == key; });
}

void Index::prefetch(const Roots& roots, std::uint64_t tree, std::uint64_t hash) const {
  Directory* const directory = directoryIn(roots, tree);
  if (directory == nullptr) return;
  const Word word = directory->at(directory->indexOf(hash));
  if (isOnDisk(word)) return;
  const Page& page = *pointerIn<Page>(word);
  page.prefetch(page.tagOf(hash));
}

Address Index::guess(const Roots& roots, std::uint64_t tree, std::uint64_t hash) const {
  Directory* const directory = directoryIn(roots, tree);
  if (directory == nullptr) return 0;
  const Word word = directory->at(directory->indexOf(hash));
  if (isOnDisk(word)) return 0;
  const Page& page = *pointerIn<Page>(word);
  Address first = 0;
  page.find(page.tagOf(hash), [&](Address address) {
    first = address;
    return true;
  });
  return first;
}

std::vector<Address> Index::addresses(const Roots& roots, std::uint64_t tree) const {
  std::vector<Address> found;
  Directory* const directory = directoryIn(roots, tree);
  if (directory == nullptr) return found;
  found.reserve(directory->records);
  for (std::size_t i = 0; i < directory->size(); i = directory->runEnd(i)) {
    const Page& in = *page(*directory, i);
    for (unsigned place = 0; place < in.capacity(); ++place)
      if (const Slot slot = in.slotAt(place); slot != 0) found.push_back(addressIn(slot));
  }
  return found;
}

std::uint64_t Index::records(const Roots& roots, std::uint64_t tree) const {
  const Directory* const directory = directoryIn(roots, tree);
  return directory == nullptr ? 0 : directory->records.load(std::memory_order_relaxed);
}

Index::PageContent Index::pageAround(const Roots& roots, std::uint64_t tree,
                                     std::uint64_t hash) const {
  PageContent content;
  Directory* const directory = directoryIn(roots, tree);
  if (directory == nullptr) return content;
  const std::size_t i = directory->indexOf(hash);
  const Page& in = *page(*directory, i);
  content.capacity = in.capacity();
  for (const Slot slot : in.all()) content.addresses.push_back(addressIn(slot));
  const std::size_t span = directory->size() >> in.depth;
  const std::size_t end = (i / span + 1) * span;
  if (end < directory->size()) content.next = std::uint64_t{end} << (64 - directory->depth);
  return content;
}

void Index::forEachTree(const Roots& roots, const std::function<void(Directory&)>& each) const {
  if (roots.zero != nullptr) each(*roots.zero);
  const std::function<void(TreeNode&)> walk = [&](TreeNode& node) {
    for (std::size_t i = 0; i < TreeNode::kWidth; ++i) {
      const Word word = node.at(i);
      if (word == 0) continue;
      if (node.level > 0)
        walk(isOnDisk(word) ? *loadNode(node, i) : *pointerIn<TreeNode>(word));
      else
        each(isOnDisk(word) ? *loadDirectory(node, i) : *pointerIn<Directory>(word));
    }
  };
  if (roots.others != nullptr) walk(*roots.others);
}

// Changes

// All that can fail for want of memory comes before the first change that a lookup sees, so that
// the same change can be made again.

void Index::FreeNewPage::operator()(Page* page) const {
  index->pageBytes_ -= page->bytes();
  Page::free(page);
}

Index::NewPage Index::counted(Page* page) const {
  pageBytes_ += page->bytes();
  return NewPage(page, {this});
}

std::unique_ptr<Directory> Index::makeDirectory(std::uint64_t tree, unsigned depth) const {
  return std::make_unique<Directory>(tree, depth, version_);
}

Index::NewPage Index::makePage(unsigned groups, unsigned depth, unsigned tagBase) const {
  return counted(Page::make(groups, depth, tagBase, version_));
}

void Index::retirePage(Page* page) const {
  pageBytes_ -= page->bytes();
  reclaimer_.retire([page] { Page::free(page); });
}

// nullptr takes the tree out.
Directory* Index::publish(std::uint64_t tree, std::unique_ptr<Directory> directory) {
  Directory* const shown = directory.get();
  if (tree == 0) {
    Roots roots = *roots_;
    roots.zero = shown;
    setRoots(roots);
  } else {
    TreeNode* const node = ownNodeOf(tree);
    node->set(node->indexOf(tree), pointing(shown));
  }
  return directory.release();
}

// The node of level 0 that a tree's directory hangs in.
TreeNode* Index::ownNodeOf(std::uint64_t tree) {
  TreeNode* node = ownRootOf(tree);
  while (node->level > 0) {
    const std::size_t i = node->indexOf(tree);
    const Word word = node->at(i);
    TreeNode* child = nullptr;
    if (word != 0) child = isOnDisk(word) ? loadNode(*node, i) : pointerIn<TreeNode>(word);
    auto own = child == nullptr ? std::make_unique<TreeNode>(node->level - 1, version_)
                                : copyIfShared(*child);
    if (own) {
      node->set(i, pointing(own.get()));
      if (child != nullptr) giveUp(*child);
      child = own.release();
    }
    node = child;
  }
  return node;
}

// The highest node, of a level that covers the tree.
TreeNode* Index::ownRootOf(std::uint64_t tree) {
  Roots roots = *roots_;
  TreeNode* const before = roots.others;
  std::vector<std::unique_ptr<TreeNode>> made;
  if (before != nullptr)
    if (auto copy = copyIfShared(*before)) {
      roots.others = copy.get();
      made.push_back(std::move(copy));
    }
  while (roots.others == nullptr || !roots.others->covers(tree)) {
    const unsigned level = roots.others == nullptr ? 0 : roots.others->level + 1;
    auto above = std::make_unique<TreeNode>(level, version_);
    if (roots.others != nullptr) above->set(0, pointing(roots.others));
    roots.others = above.get();
    made.push_back(std::move(above));
  }
  if (made.empty()) return before;
  setRoots(roots);
  const bool isCopied = before != nullptr && made.front()->level == before->level;
  if (isCopied) giveUp(*before);
  for (auto& node : made) static_cast<void>(node.release());
  return roots.others;
}

// Nothing when no snapshot sees the node: it is changed itself.
std::unique_ptr<TreeNode> Index::copyIfShared(TreeNode& node) const {
  if (!isShared(node.version)) {
    markChanged(node.location);
    return nullptr;
  }
  auto copy = std::make_unique<TreeNode>(node.level, version_);
  for (std::size_t i = 0; i < TreeNode::kWidth; ++i) copy->set(i, node.at(i));
  return copy;
}

// Those that a copy has taken the place of. What they have below is the copy's.
void Index::giveUp(TreeNode& node) {
  node.isFrozen = true;
  reclaimer_.retire([&node] { delete &node; });
}

void Index::giveUp(Directory& directory) {
  directory.isFrozen = true;
  reclaimer_.retire([&directory] { delete &directory; });
}

Directory* Index::ownDirectory(std::uint64_t tree) {
  Directory* const directory = directoryIn(*roots_, tree);
  if (directory == nullptr) {
    auto made = makeDirectory(tree, 0);
    NewPage first = makePage(1, 0, 0);
    made->set(0, pointing(first.get()));
    Directory* const shown = publish(tree, std::move(made));
    static_cast<void>(first.release());
    return shown;
  }
  if (!isShared(directory->version)) {
    markChanged(directory->location);
    return directory;
  }
  auto copy = makeDirectory(tree, directory->depth);
  for (std::size_t i = 0; i < directory->size(); ++i) copy->set(i, directory->at(i));
  copy->records = directory->records.load();
  Directory* const shown = publish(tree, std::move(copy));
  giveUp(*directory);
  return shown;
}

// Puts another page of its depth in the place of one.
Page* Index::replacePage(Directory& directory, std::size_t i, NewPage made) {
  Page* const before = pointerIn<Page>(directory.at(i));
  Page* const page = made.release();
  const std::size_t span = directory.size() >> page->depth;
  const std::size_t first = i / span * span;
  for (std::size_t n = 0; n < span; ++n) directory.set(first + n, pointing(page));
  retirePage(before);
  return page;
}

Page* Index::ownPage(Directory& directory, std::size_t i) {
  Page* const page = this->page(directory, i);
  if (!isShared(page->version)) {
    markChanged(page->location);
    return page;
  }
  return replacePage(directory, i, counted(page->clone(version_)));
}

Address Index::put(std::uint64_t tree, std::uint64_t hash, Address address,
                   std::optional<std::string_view> key) {
  const auto matches = [&](Address other) {
    return keys_.keyAt(other) == (key ? *key : keys_.keyAt(address));
  };
  for (;;) {
    Directory& directory = *ownDirectory(tree);
    const std::size_t i = directory.indexOf(hash);
    Page& page = *ownPage(directory, i);
    const Tag tag = page.tagOf(hash);
    std::exception_ptr damage;  // what is damaged stays beside it: it may be of another key
    const int place =
        page.find(tag, [&](Address other) { return matchesWhole(other, matches, damage); });
    if (place >= 0) {
      const Address before = addressIn(page.slotAt(static_cast<unsigned>(place)));
      page.replace(place, slotOf(tag, address));
      return before;
    }
    if (!page.isFull() && !page.isWorn()) {
      page.insert(slotOf(tag, address));
      add(directory.records, 1);
      return 0;
    }
    makeRoom(tree, hash);
  }
}

Address Index::erase(std::uint64_t tree, std::uint64_t hash, std::string_view key) {
  const Address before = find(tree, hash, key);
  if (before == 0) return 0;
  Directory& directory = *ownDirectory(tree);
  Page& page = *ownPage(directory, directory.indexOf(hash));
  page.erase(page.find(page.tagOf(hash), [&](Address other) { return other == before; }));
  add(directory.records, -1);
  return before;
}

bool Index::points(const Roots& roots, std::uint64_t tree, std::uint64_t hash,
                   Address address) const {
  Directory* const directory = directoryIn(roots, tree);
  if (directory == nullptr) return false;
  const Page& in = *page(*directory, directory->indexOf(hash));
  return in.find(in.tagOf(hash), [&](Address other) { return other == address; }) >= 0;
}

bool Index::move(std::uint64_t tree, std::uint64_t hash, Address from, Address to) {
  if (!points(tree, hash, from)) return false;
  Directory& directory = *ownDirectory(tree);
  Page& page = *ownPage(directory, directory.indexOf(hash));
  const Tag tag = page.tagOf(hash);
  page.replace(page.find(tag, [&](Address other) { return other == from; }), slotOf(tag, to));
  return true;
}

Directory* Index::take(std::uint64_t tree) {
  Directory* const directory = directoryIn(*roots_, tree);
  if (directory != nullptr) publish(tree, nullptr);
  return directory;
}

void Index::reserve(std::uint64_t tree, std::uint64_t records) {
  Directory* const before = directoryIn(*roots_, tree);
  const std::uint64_t full = Page::kMaxGroups * Page::kGroupSlots * 4 / 5;
  if ((before != nullptr && before->records != 0) || records <= full) return;
  unsigned depth = 0;
  while (records >> depth > full) ++depth;
  auto directory = makeDirectory(tree, depth);
  const std::uint64_t mean = records >> depth;
  std::vector<NewPage> pages(directory->size());
  for (std::size_t i = 0; i < pages.size(); ++i) {
    pages[i] = makePage(Page::groupsFor(mean + mean / 8), depth, depth);
    directory->set(i, pointing(pages[i].get()));
  }
  publish(tree, std::move(directory));
  for (NewPage& page : pages) static_cast<void>(page.release());
  if (before != nullptr) retire(*before);
}

void Index::makeRoom(std::uint64_t tree, std::uint64_t hash) {
  Directory* directory = ownDirectory(tree);
  Page* const page = ownPage(*directory, directory->indexOf(hash));
  if (!page->isFull() || page->groups < Page::kMaxGroups) {
    replacePage(*directory, directory->indexOf(hash), counted(page->grown(version_)));
    return;
  }
  if (page->depth == directory->depth) directory = doubled(*directory);
  split(*directory, directory->indexOf(hash), *page);
}

Directory* Index::doubled(Directory& directory) {
  if (directory.depth == kMaxDepth)
    throw Error(Code::Io, "the index of tree " + std::to_string(directory.tree) + " is too deep");
  auto twice = makeDirectory(directory.tree, directory.depth + 1);
  for (std::size_t i = 0; i < twice->size(); ++i) twice->set(i, directory.at(i / 2));
  twice->records = directory.records.load();
  Directory* const shown = publish(directory.tree, std::move(twice));
  giveUp(directory);
  return shown;
}

// The next bit of the hash says which half a slot goes to. It is in the tag, until its bits are
// used up: then the keys are read and the tags begin anew. Not where one of them is damaged: its
// tag is all that is known, so the page's tags stay as they are, and once they do not say which
// half it belongs to, it goes to both. Whoever asks for it by its hash finds it damaged there.
void Index::split(Directory& directory, std::size_t i, Page& page) {
  const unsigned used = page.depth - page.tagBase;
  Halves halves;
  if (used + 1u >= Page::kTagBits - 2)
    halves = halvesByHash(page);
  else
    halves = halvesByTag(page);
  std::array<NewPage, 2> made;
  for (unsigned half = 0; half < 2; ++half) {
    const std::vector<Slot>& slots = halves.slots[half];
    made[half] = makePage(Page::groupsFor(slots.size() + 1), page.depth + 1u, halves.tagBase);
    for (const Slot slot : slots) made[half]->insert(slot);
  }
  const std::size_t span = directory.size() >> page.depth;
  const std::size_t first = i / span * span;
  for (std::size_t n = 0; n < span; ++n)
    directory.set(first + n, pointing(made[n / (span / 2)].get()));
  for (NewPage& half : made) static_cast<void>(half.release());
  retirePage(&page);
}

Index::Halves Index::halvesByTag(const Page& page) {
  Halves halves{page.tagBase, {}};
  const unsigned shift = 12 + Page::kTagBits - 1 - (page.depth - page.tagBase);
  for (const Slot slot : page.all()) halves.slots[tagIn(slot) >> shift & 1].push_back(slot);
  return halves;
}

Index::Halves Index::halvesByHash(const Page& page) const {
  const std::vector<Slot> slots = page.all();
  std::vector<std::optional<std::uint64_t>> hashes;
  std::size_t damaged = 0;
  for (const Slot slot : slots) {
    hashes.push_back(hashAt(addressIn(slot)));
    if (!hashes.back()) ++damaged;
  }
  const bool isKnown = page.depth < page.tagBase + Page::kTagBits;
  if (damaged != 0 && isKnown) return halvesByTag(page);
  if (damaged > kMostDamaged)  // else halves of them alone would be split for ever
    throw Error(Code::Corrupt,
                "the log is damaged at most records of a page of the index; "
                "`hexpage repair` saves what can be read");
  Halves halves{damaged == 0 ? page.depth + 1u : page.tagBase, {}};
  for (std::size_t n = 0; n < slots.size(); ++n)
    for (unsigned half = 0; half < 2; ++half)
      if (!hashes[n])
        halves.slots[half].push_back(slots[n]);
      else if ((*hashes[n] >> (63 - page.depth) & 1) == half)
        halves.slots[half].push_back(
            slotOf(Page::tagOf(*hashes[n], halves.tagBase), addressIn(slots[n])));
  return halves;
}

// Nothing when the record is damaged.
std::optional<std::uint64_t> Index::hashAt(Address address) const {
  try {
    return keys_.hashOf(keys_.keyAt(address));
  } catch (const Error& error) {
    if (error.code() != Code::Corrupt) throw;
    return std::nullopt;
  }
}

// Snapshots

std::shared_ptr<const Index::Snapshot> Index::snapshot() {
  return std::make_shared<const Snapshot>(*this);
}

Index::Snapshot::Snapshot(Index& index)
    : index_(index),
      roots_(*index.roots_.load()),
      version_(index.version_ + 1),
      epoch_(index.reclaimer_.pin()) {
  try {
    index.snapshots_.insert(version_);
  } catch (...) {
    index.reclaimer_.unpin(epoch_);
    throw;
  }
  index.version_ = index.newestSnapshot_ = version_;
}

Index::Snapshot::~Snapshot() {
  {
    const std::scoped_lock lock(index_.mutex_);
    index_.snapshots_.erase(index_.snapshots_.find(version_));
    index_.newestSnapshot_ = index_.snapshots_.empty() ? 0 : *index_.snapshots_.rbegin();
  }
  index_.reclaimer_.unpin(epoch_);
}

}  // namespace hexpage::kv
