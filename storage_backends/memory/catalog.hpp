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
  MemoryHash(Header h, Moments& moments)
      : header(std::make_shared<const Header>(std::move(h))), table(moments) {}

  // The header's own members, read when they are first asked for. Thread-safe.
  const std::shared_ptr<const Json>& options() {
    if (!areOptionsRead_.load(std::memory_order_acquire)) readOptions();
    return options_;
  }

  const std::shared_ptr<const Header> header;  // of no length: the table has that
  MemoryTable table;

 private:
  void readOptions() {
    const std::lock_guard reading(mutex_);
    if (areOptionsRead_.load(std::memory_order_relaxed)) return;
    options_ = std::make_shared<const Json>(header->options());
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
    std::unique_ptr<MemoryHash> hash;             // null for a record
    std::shared_ptr<const std::string> record{};  // its text; null for a hash
  };

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

  // Calls visit(path, entry) for each that comes after `after`, or with it when `isIncluded`, in
  // their order, until it gives false.
  template <class Visit>
  void each(std::string_view after, bool isIncluded, Visit visit) const {
    auto entry = isIncluded ? entries_.lower_bound(after) : entries_.upper_bound(after);
    while (entry != entries_.end() && visit(entry->first, entry->second)) ++entry;
  }

 private:
  std::map<std::string, Entry, PathOrder> entries_;
  PathIndex<Entry> byPath_;  // into entries_
};

}  // namespace hexpage
