// What a batch does to the items of one table: made ready first, which may fail for want of memory
// and then has changed nothing, and done after that without fail.
#pragma once

#include <cstddef>
#include <cstdint>
#include <hexpage/batch.hpp>
#include <hexpage/types.hpp>
#include <memory>
#include <vector>

#include "memory/table.hpp"

namespace hexpage {

// From prepare() to the end of this object nobody else uses the shards that the changes are of;
// prepare() puts new items in already, and what is not committed is taken out again.
class TableEdit {
 public:
  explicit TableEdit(MemoryTable& table) : table_(table) {}
  ~TableEdit();
  TableEdit(const TableEdit&) = delete;
  TableEdit& operator=(const TableEdit&) = delete;

  // In the order of the batch, which must outlive this.
  void put(const Put& change) { items_.emplace_back(change.key, &change); }
  void remove(const Remove& change) { items_.emplace_back(change.key, nullptr); }
  void clear();

  // Makes all of it ready, and says what it does.
  const Applied& prepare();
  void commit() noexcept;

  // What the changes do up to the last clear(), and with it.
  const Applied& applied() const { return applied_; }

 private:
  struct Item {
    Item(std::string_view k, const Put* p) : key(k), put(p) {}

    HashedKey key;
    const Put* put;            // null: it is removed
    bool isThere = false;      // in the table, before all changes
    bool isAdded = false;      // by prepare()
    EntryPtr entry = nullptr;  // to come into the place of the one that is there
  };

  void fold();
  void fillAnew();
  void prepare(Item& item);

  MemoryTable& table_;
  std::vector<Item> items_;
  std::unique_ptr<Shard[]> fresh_;  // what comes in the place of all shards
  bool isCleared_ = false;
  bool isDone_ = false;
  Applied applied_;
};

}  // namespace hexpage
