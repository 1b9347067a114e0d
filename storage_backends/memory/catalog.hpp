// What hashes and records a store in memory has: in the order of their paths, and by a keyed hash
// of the path for the straight way to one.
#pragma once

#include <atomic>
#include <hexpage/backend.hpp>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "memory/path_index.hpp"
#include "memory/table.hpp"
#include "support/header.hpp"
#include "support/path_rules.hpp"

namespace hexpage {

struct MemoryHash {
  MemoryHash(Header h, Saving& saving) : header(std::move(h)), table(saving) {}

  // The header's own members, read when they are first asked for. Thread-safe.
  const std::shared_ptr<const Json>& options() {
    if (!areOptionsRead_.load(std::memory_order_acquire)) readOptions();
    return options_;
  }

  Header header;  // of no length: the table has that
  MemoryTable table;

 private:
  void readOptions() {
    const std::lock_guard reading(mutex_);
    if (areOptionsRead_.load(std::memory_order_relaxed)) return;
    options_ = std::make_shared<const Json>(header.options());
    areOptionsRead_.store(true, std::memory_order_release);
  }

  std::mutex mutex_;
  std::shared_ptr<const Json> options_;
  std::atomic<bool> areOptionsRead_{false};
};

struct PathOrder {
  using is_transparent = void;
  bool operator()(std::string_view a, std::string_view b) const { return pathLess(a, b); }
};

// Any number of threads may read it while nobody changes it.
class Catalog {
 public:
  struct Entry {
    std::unique_ptr<MemoryHash> hash;  // null for a record
    std::string record{};
    Saving::Number savedIn = 0;  // as of a segment: its name and what is said of it
  };

  explicit Catalog(Saving& saving) : saving_(saving) {}

  Entry* find(std::string_view path) const;
  MemoryHash* hash(std::string_view path) const;

  void put(const std::string& path, Entry entry);
  Entry take(const std::string& path) noexcept;  // it is there
  void erase(const std::string& path) noexcept;  // nothing happens when it is not there

  // A path with what is to be there. Made beforehand, and with room for it reserved, it is put
  // without fail.
  using Node = std::map<std::string, Entry, PathOrder>::node_type;
  static Node makeNode(const std::string& path, Entry entry);
  void reserve(std::size_t more) { byPath_.reserve(more); }
  void put(Node node) noexcept;

  // Hands the save that goes on what it awaits of up to `most` names after `after`; gives the last
  // of them, "" at the end. One who saves may do so beside readers.
  std::string save(const std::string& after, std::size_t most);

  // Calls visit(path, entry) for each that comes after `after`, or with it when `isIncluded`, in
  // their order, until it gives false.
  template <class Visit>
  void each(std::string_view after, bool isIncluded, Visit visit) const {
    auto entry = isIncluded ? entries_.lower_bound(after) : entries_.upper_bound(after);
    while (entry != entries_.end() && visit(entry->first, entry->second)) ++entry;
  }

 private:
  // To be called before an entry is changed.
  void preserve(const std::string& path, Entry& entry) noexcept;

  Saving& saving_;
  std::map<std::string, Entry, PathOrder> entries_;
  PathIndex<Entry> byPath_;  // into entries_
};

}  // namespace hexpage
