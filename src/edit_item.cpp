// An edit of one item on a backend that has no way of its own: a get, if it is asked for, and a
// Put.
#include <hexpage/backend.hpp>
#include <string>
#include <utility>

namespace hexpage {

bool Backend::edit(std::string_view path, std::string_view key, const EditItem& decide,
                   const FunctionRef<void()>& visible) {
  const auto known = options(path);
  if (!known) return false;
  std::optional<Value> there;
  const auto before = [&]() -> std::optional<ItemSeen> {
    there = getOne(path, key);
    if (!there) return std::nullopt;
    return ItemSeen{key, there->text, there->expires};
  };
  const ItemAfter after = decide(before, *known);
  Batch batch;
  batch.add(Put{std::string(path), std::string(key), std::string(after.text), after.expires});
  applyThen(batch, visible);
  return true;
}

}  // namespace hexpage
