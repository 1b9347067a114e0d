#include "memory/saving.hpp"

#include "memory/segment.hpp"

namespace hexpage {

void Saving::keepName(std::string frame) {
  const std::lock_guard guard(mutex_);
  names_.push_back(std::move(frame));
}

void Saving::keepItems(std::string frame) {
  const std::lock_guard guard(mutex_);
  items_.frames.push_back(std::move(frame));
}

void Saving::keepShard(std::uint64_t table, Segments segments) {
  const std::lock_guard guard(mutex_);
  items_.shards.emplace_back(table, std::move(segments));
}

void Saving::begin() {
  isChanged_ = false;
  hasMissed_ = false;
  current_ = ++last_;
}

void Saving::end() noexcept {
  current_ = 0;
  takeNames();
  takeItems();
}

std::vector<std::string> Saving::takeNames() {
  const std::lock_guard guard(mutex_);
  return std::exchange(names_, {});
}

Saving::Items Saving::takeItems() {
  const std::lock_guard guard(mutex_);
  return std::exchange(items_, {});
}

}  // namespace hexpage
