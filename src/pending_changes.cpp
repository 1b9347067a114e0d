#include "pending_changes.hpp"

#include <algorithm>
#include <type_traits>
#include <utility>

#include "batch_size.hpp"

namespace hexpage {

std::size_t PendingChanges::add(Change change) {
  sizeBytes_ += hexpage::sizeBytes(change);
  batch_.changes.push_back(std::move(change));
  return end() - 1;
}

// Grows as push_back() does, not by one.
void PendingChanges::reserve(std::size_t more) {
  auto& changes = batch_.changes;
  const std::size_t wanted = changes.size() + more;
  if (wanted > changes.capacity()) changes.reserve(std::max(wanted, 2 * changes.capacity()));
}

void PendingChanges::exchange(std::size_t place, Change& other) noexcept {
  static_assert(std::is_nothrow_swappable_v<Change>);
  sizeBytes_ += hexpage::sizeBytes(other);
  std::swap(batch_.changes[place], other);
  sizeBytes_ -= hexpage::sizeBytes(other);
}

void PendingChanges::removeLast() noexcept {
  sizeBytes_ -= hexpage::sizeBytes(batch_.changes.back());
  batch_.changes.pop_back();
}

Value PendingChanges::value(std::size_t place) const {
  const auto& put = std::get<Put>(batch_.changes[place]);
  return {put.text, put.expires};
}

const std::string& PendingChanges::text(std::size_t place) const {
  return std::get<PutRecord>(batch_.changes[place]).text;
}

void PendingChanges::clear() {
  batch_.changes.clear();
  sizeBytes_ = 0;
}

}  // namespace hexpage
