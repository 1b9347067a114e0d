// Where in the log the value of each key is: a hash tree for each tree of the store. Lookups take
// no lock. A snapshot sees it as it was: what the writer changes after that it copies first.
#pragma once

#include <exception>
#include <functional>
#include <hexpage/error.hpp>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string_view>
#include <vector>

#include "binary/directory.hpp"
#include "binary/reclaimer.hpp"

namespace hexpage::kv {

// What the index asks about the records that its slots point to.
class Keys {
 public:
  virtual ~Keys() = default;
  virtual std::string_view keyAt(Address address) const = 0;
  virtual std::uint64_t hashOf(std::string_view key) const = 0;
};

// What was put on disk of the index.
class IndexImages {
 public:
  virtual ~IndexImages() = default;
  virtual Page* page(std::uint64_t location) const = 0;
  virtual Directory* directory(std::uint64_t location) const = 0;
  virtual TreeNode* node(std::uint64_t location) const = 0;
};

class Index {
 public:
  Index(const Keys& keys, Reclaimer& reclaimer);
  ~Index();

  // Takes what is on disk in the place of what it has; `zero` and `others` are locations, 0 for
  // none. The caller holds the lock, once others use the index.
  void restore(std::shared_ptr<const IndexImages> images, std::uint64_t zero, std::uint64_t others);
  // Pages beyond so many bytes are put out of memory, if they are on disk as they are.
  void setLimit(std::uint64_t bytes) { limit_ = bytes; }

  class Snapshot;
  // An address, or 0. The caller is in an epoch.
  Address find(std::uint64_t tree, std::uint64_t hash, std::string_view key) const;
  Address find(const Roots& roots, std::uint64_t tree, std::uint64_t hash,
               std::string_view key) const;
  // The same of the record of which `matches(address)` is true; called for few others.
  template <class Matches>
  Address lookUp(const Roots& roots, std::uint64_t tree, std::uint64_t hash,
                 Matches&& matches) const {
    Directory* const directory = directoryIn(roots, tree);
    if (directory == nullptr) return 0;
    Page& in = *page(*directory, directory->indexOf(hash));
    if (limit_ != 0 && in.isTouched.load(std::memory_order_relaxed) == 0)
      in.isTouched.store(1, std::memory_order_relaxed);
    Address found = 0;
    std::exception_ptr damage;  // another record may be the one all the same
    in.find(in.tagOf(hash), [&](Address address) {
      if (!matchesWhole(address, matches, damage)) return false;
      found = address;
      return true;
    });
    if (found == 0 && damage) std::rethrow_exception(damage);
    return found;
  }
  // Whether the slot is there. The caller is in an epoch.
  bool points(const Roots& roots, std::uint64_t tree, std::uint64_t hash, Address address) const;
  Roots roots() const { return *roots_.load(std::memory_order_acquire); }
  void prefetch(const Roots& roots, std::uint64_t tree, std::uint64_t hash) const;
  // A record that find() would look at, once what prefetch() asked for has come; 0 for none.
  Address guess(const Roots& roots, std::uint64_t tree, std::uint64_t hash) const;

  // Every address of a tree, in no order. The roots must be those of a snapshot.
  std::vector<Address> addresses(const Roots& roots, std::uint64_t tree) const;
  std::uint64_t records(const Roots& roots, std::uint64_t tree) const;
  // The addresses in the page that a hash belongs to, and the first hash of the next page; 0 when
  // there is none. The caller is in an epoch.
  struct PageContent {
    std::vector<Address> addresses;
    unsigned capacity = 0;  // of the page, in slots
    std::uint64_t next = 0;
  };
  PageContent pageAround(const Roots& roots, std::uint64_t tree, std::uint64_t hash) const;
  // Calls for each tree there is, 0 too.
  void forEachTree(const Roots& roots, const std::function<void(Directory&)>& each) const;
  // The page behind a word of a directory of these roots.
  Page* page(Directory& directory, std::size_t i) const {
    const Word word = directory.at(i);
    return isOnDisk(word) ? loadPage(directory, i) : pointerIn<Page>(word);
  }

  // Changes are the writer's, who holds this lock. It is held shortly; a lookup takes it only to
  // load a page.
  std::recursive_mutex& mutex() const { return mutex_; }
  // The address that was there before, or 0. The key is that of the record at the address, which is
  // read for it unless it is given.
  Address put(std::uint64_t tree, std::uint64_t hash, Address address,
              std::optional<std::string_view> key = std::nullopt);
  Address erase(std::uint64_t tree, std::uint64_t hash, std::string_view key);
  // Whether the slot was there.
  bool move(std::uint64_t tree, std::uint64_t hash, Address from, Address to);
  bool points(std::uint64_t tree, std::uint64_t hash, Address address) const {
    return points(*roots_.load(std::memory_order_acquire), tree, hash, address);
  }
  // Takes the tree out; nullptr when there is none. Nobody changes it any more; who took it looks
  // at what it had and retires it.
  Directory* take(std::uint64_t tree);
  void retire(Directory& directory);
  // Makes room for so many records in a tree that has few.
  void reserve(std::uint64_t tree, std::uint64_t records);
  // The caller holds the lock.
  std::shared_ptr<const Snapshot> snapshot();

  // Whether what has a place in the index file is really there. The caller holds the lock.
  void setOnDisk(std::shared_ptr<const IndexImages> images, bool isThere);
  // Puts pages out of memory as the limit asks. The caller holds the lock.
  void makeSpace() const;

  std::uint64_t pageBytes() const { return pageBytes_.load(std::memory_order_relaxed); }

 private:
  // Whether it matches; not, when the record is damaged.
  template <class Matches>
  static bool matchesWhole(Address address, Matches& matches, std::exception_ptr& damage) {
    try {
      return matches(address);
    } catch (const Error& error) {
      if (error.code() != Code::Corrupt) throw;
      damage = std::current_exception();
      return false;
    }
  }
  void forEachLoadedTree(const Roots& roots, const std::function<void(Directory&)>& each) const;
  Directory* directoryIn(const Roots& roots, std::uint64_t tree) const {
    return tree == 0 ? roots.zero : directoryBelow(roots.others, tree);
  }
  Directory* directoryBelow(TreeNode* node, std::uint64_t tree) const;
  Directory* loadDirectory(TreeNode& node, std::size_t i) const;
  TreeNode* loadNode(TreeNode& node, std::size_t i) const;
  Page* loadPage(Directory& directory, std::size_t i) const;

  // A page that is in no directory yet.
  struct FreeNewPage {
    const Index* index = nullptr;
    void operator()(Page* page) const;
  };
  using NewPage = std::unique_ptr<Page, FreeNewPage>;

  Directory* ownDirectory(std::uint64_t tree);
  std::unique_ptr<Directory> makeDirectory(std::uint64_t tree, unsigned depth) const;
  Directory* publish(std::uint64_t tree, std::unique_ptr<Directory> directory);
  TreeNode* ownNodeOf(std::uint64_t tree);
  TreeNode* ownRootOf(std::uint64_t tree);
  std::unique_ptr<TreeNode> copyIfShared(TreeNode& node) const;
  void giveUp(TreeNode& node);
  void giveUp(Directory& directory);
  Page* ownPage(Directory& directory, std::size_t i);
  NewPage makePage(unsigned groups, unsigned depth, unsigned tagBase) const;
  NewPage counted(Page* page) const;
  Page* replacePage(Directory& directory, std::size_t i, NewPage made);
  void makeRoom(std::uint64_t tree, std::uint64_t hash);
  Directory* doubled(Directory& directory);
  void split(Directory& directory, std::size_t i, Page& page);
  struct Halves {
    unsigned tagBase = 0;
    std::vector<Slot> slots[2];
  };
  static Halves halvesByTag(const Page& page);
  Halves halvesByHash(const Page& page) const;
  std::optional<std::uint64_t> hashAt(Address address) const;
  void retirePage(Page* page) const;
  void retireNode(TreeNode& node);
  void putOut(Directory& directory, std::size_t begin, std::size_t end, std::uint64_t target) const;
  void setRoots(const Roots& roots);
  bool isShared(std::uint64_t version) const { return version < newestSnapshot_; }

  const Keys& keys_;
  Reclaimer& reclaimer_;
  std::shared_ptr<const IndexImages> images_;
  mutable std::recursive_mutex mutex_;  // loading may happen within a change
  std::atomic<const Roots*> roots_;
  mutable std::atomic<std::uint64_t> pageBytes_{0};
  std::uint64_t limit_ = 0;  // 0: none
  bool isOnDisk_ = true;
  mutable std::size_t hand_ = 0;  // where in tree 0 the search for pages to put out goes on
  std::uint64_t version_ = 1;
  std::uint64_t newestSnapshot_ = 0;  // the highest version of a snapshot that is held
  std::multiset<std::uint64_t> snapshots_;
};

// The index at one moment. Frees what only it sees when it ends.
class Index::Snapshot {
 public:
  explicit Snapshot(Index& index);  // by who holds the index's lock
  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;
  ~Snapshot();

  const Roots& roots() const { return roots_; }
  std::uint64_t version() const { return version_; }

 private:
  Index& index_;
  Roots roots_;
  std::uint64_t version_;
  std::uint64_t epoch_;
};

}  // namespace hexpage::kv
