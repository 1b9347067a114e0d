#include "sweep.hpp"

#include <algorithm>
#include <span>

#include "session.hpp"

namespace hexpage {
namespace {

constexpr std::size_t kItemsAtOnce = 1000;

}  // namespace

std::size_t Sweep::step() {
  const Expires now = session_.backend->now();
  Chunk chunk = session_.backend->stored().expired(path_, now, cursor_);
  const std::size_t removed = remove(chunk, now);
  cursor_ = std::move(chunk.next);
  isOver_ = cursor_.empty();
  return removed;
}

std::size_t Sweep::remove(const Chunk& chunk, Expires now) {
  std::size_t removed = 0;
  for (std::span<const Item> left = chunk.items; !left.empty();) {
    const std::span<const Item> some = left.first(std::min(left.size(), kItemsAtOnce));
    left = left.subspan(some.size());
    std::vector<std::string_view> keys;
    for (const Item& item : some) keys.push_back(item.key);
    auto held = session_.lockForWriting({path_}, lockTimeout_);
    const auto values = session_.backend->stored().get(path_, keys);
    Batch batch;
    for (std::size_t i = 0; i < keys.size(); ++i)
      if (values[i] && isExpired(values[i]->expires, now))
        batch.add(Remove{path_, std::string(keys[i]), true});
    if (!batch.changes.empty()) removed += session_.apply(batch, held).removed;
  }
  return removed;
}

std::uint64_t livingItems(Session& session, const std::string& path) {
  const auto info = session.backend->info(path);
  std::uint64_t length = info ? info->length : 0;
  if (length == 0) return 0;
  const Expires now = session.backend->now();
  Chunk chunk;
  do {
    chunk = session.backend->stored().expired(path, now, chunk.next);
    length -= std::min<std::uint64_t>(length, chunk.items.size());
  } while (!chunk.next.empty());
  return length;
}

}  // namespace hexpage
