// A tree is dropped at once, however large. What must be looked at record by record, how much of
// the log died with it, is found out later: by the keeper piece by piece, or by who needs to know.
#include <hexpage/error.hpp>

#include "binary/store.hpp"

namespace hexpage::kv {
namespace {

constexpr std::uint64_t kCountedAtOnce =
    512;  // records: a tree of so few is counted where it drops

}  // namespace

// How many records it had. The caller holds the index's lock.
std::uint64_t Store::drop(TreeId tree) {
  Directory* const directory = index_->take(tree);
  if (directory == nullptr) return 0;
  const std::uint64_t records = directory->records;
  if (records > kCountedAtOnce && !options_.readOnly) {
    dropped_.emplace_back(directory, reclaimer_.pin());
    return records;
  }
  for (std::size_t i = 0; i < directory->size(); i = directory->runEnd(i))
    countDeadIn(*directory, i);
  index_->retire(*directory);
  return records;
}

// What is damaged is not counted.
void Store::countDeadIn(Directory& directory, std::size_t i) {
  try {
    for (const Slot slot : index_->page(directory, i)->all()) countDead(addressIn(slot));
  } catch (const Error& error) {
    if (error.code() != Code::Corrupt) throw;
  }
}

// Whether there is more to do.
bool Store::countDropped(std::size_t pages) {
  const std::scoped_lock counting(countingMutex_);
  for (; pages > 0; --pages) {
    Dropped* first = nullptr;
    {
      const std::scoped_lock lock(index_->mutex());
      if (dropped_.empty()) return false;
      first = &dropped_.front();
      if (first->isCounted || first->at == first->directory->size()) {
        index_->retire(*first->directory);
        reclaimer_.unpin(first->epoch);
        dropped_.pop_front();
        continue;
      }
    }
    countDeadIn(*first->directory, first->at);
    first->at = first->directory->runEnd(first->at);
  }
  return true;
}

void Store::countDropped() {
  while (countDropped(~std::size_t{0})) {
  }
}

// By who is alone with the store.
void Store::forgetDropped() {
  for (; !dropped_.empty(); dropped_.pop_front()) {
    index_->retire(*dropped_.front().directory);
    reclaimer_.unpin(dropped_.front().epoch);
  }
}

}  // namespace hexpage::kv
