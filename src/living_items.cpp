#include "living_items.hpp"

namespace hexpage {
namespace {

// Asks the clock once, and only when something expires at all.
class Moment {
 public:
  explicit Moment(const WallClock& clock) : clock_(clock) {}

  bool isOver(Expires expires) {
    if (expires == 0) return false;
    if (now_ == 0) now_ = clock_();
    return isExpired(expires, now_);
  }

 private:
  const WallClock& clock_;
  Expires now_ = 0;
};

}  // namespace

std::vector<std::optional<Value>> LivingItems::get(std::string_view path,
                                                   std::span<const std::string_view> keys) {
  auto values = inner().get(path, keys);
  Moment moment(clock_);
  for (auto& value : values)
    if (value && moment.isOver(value->expires)) value.reset();
  return values;
}

Chunk LivingItems::scan(std::string_view path, std::string_view cursor) {
  Chunk chunk = inner().scan(path, cursor);
  Moment moment(clock_);
  std::erase_if(chunk.items, [&](const Item& item) { return moment.isOver(item.expires); });
  return chunk;
}

}  // namespace hexpage
