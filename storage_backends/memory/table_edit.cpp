#include "memory/table_edit.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace hexpage {

TableEdit::~TableEdit() {
  if (isDone_) return;
  for (const Item& item : items_)
    if (item.isAdded) table_.shardOf(item.key).take(item.key);
}

void TableEdit::clear() {
  std::uint64_t left = 0;
  if (!isCleared_)
    for (const Shard& shard : table_.shards()) left += shard.size();
  const Applied before = std::exchange(applied_, {});
  fold();
  left += applied_.added - applied_.removed;
  applied_.added += before.added;
  applied_.removed += before.removed + left;
  items_.clear();
  isCleared_ = true;
}

// Counts what the changes do to each key, and leaves the last of them.
void TableEdit::fold() {
  const auto isBefore = [](const Item& a, const Item& b) {
    return std::tie(a.key.hash, a.key.text) < std::tie(b.key.hash, b.key.text);
  };
  std::stable_sort(items_.begin(), items_.end(), isBefore);
  auto kept = items_.begin();
  for (auto first = items_.begin(); first != items_.end();) {
    first->isThere = !isCleared_ && table_.shardOf(first->key).find(first->key);
    auto last = first;
    for (bool isThere = first->isThere; last != items_.end() && !isBefore(*first, *last); ++last) {
      applied_.added += last->put && !isThere;
      applied_.removed += !last->put && isThere;
      isThere = last->put != nullptr;
    }
    const bool wasThere = first->isThere;
    if (kept != last - 1) *kept = std::move(*(last - 1));
    (kept++)->isThere = wasThere;
    first = last;
  }
  items_.erase(kept, items_.end());
}

const Applied& TableEdit::prepare() {
  fold();
  if (isCleared_)
    fillAnew();
  else
    for (Item& item : items_)
      if (item.put) prepare(item);
  return applied_;
}

void TableEdit::fillAnew() {
  fresh_ = table_.freshShards();
  for (const Item& item : items_)
    if (item.put)
      table_.shardOf(item.key, fresh_.get()).put(item.key, item.put->text, item.put->expires);
}

void TableEdit::prepare(Item& item) {
  Shard& shard = table_.shardOf(item.key);
  EntryPtr entry = Entry::make(item.key.text, item.put->text, item.put->expires);
  if (item.isThere) {
    shard.expect(item.key.hash, item.put->expires);
    item.entry = std::move(entry);
  } else {
    shard.add(item.key.hash, std::move(entry));
    item.isAdded = true;
  }
}

void TableEdit::commit() noexcept {
  isDone_ = true;
  if (isCleared_) {
    Shard* fresh = fresh_.get();
    for (Shard& shard : table_.shards()) shard.takeOver(*fresh++);
    return;
  }
  for (Item& item : items_) {
    Shard& shard = table_.shardOf(item.key);
    if (item.entry)
      shard.exchange(item.key, std::move(item.entry));
    else if (!item.put)
      shard.take(item.key);
  }
  for (const Item& item : items_) table_.shardOf(item.key).settle(item.key.hash);
}

}  // namespace hexpage
