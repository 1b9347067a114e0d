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

std::optional<Value> LivingItems::getOne(std::string_view path, std::string_view key) {
  auto value = inner().getOne(path, key);
  if (value && Moment(clock_).isOver(value->expires)) value.reset();
  return value;
}

Chunk LivingItems::scan(std::string_view path, std::string_view cursor) {
  Chunk chunk = inner().scan(path, cursor);
  Moment moment(clock_);
  std::erase_if(chunk.items, [&](const Item& item) { return moment.isOver(item.expires); });
  return chunk;
}

std::string LivingItems::each(std::string_view path, std::string_view cursor, const SeeItem& see) {
  Moment moment(clock_);
  const auto seeLiving = [&](const ItemSeen& item) {
    if (!moment.isOver(item.expires)) see(item);
  };
  return inner().each(path, cursor, seeLiving);
}

bool LivingItems::edit(std::string_view path, std::string_view key, const EditItem& decide,
                       const FunctionRef<void()>& visible) {
  const auto decideOnLiving = [&](const ItemBefore& before, const Json& options) {
    const auto living = [&]() -> std::optional<ItemSeen> {
      auto item = before();
      if (item && Moment(clock_).isOver(item->expires)) item.reset();
      return item;
    };
    return decide(living, options);
  };
  return inner().edit(path, key, decideOnLiving, visible);
}

}  // namespace hexpage
