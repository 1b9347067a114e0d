// A backend as its users see it: without the items whose time has come, which lie there until they
// are removed. What counts them, as info() does, counts what is stored.
#pragma once

#include <hexpage/clock.hpp>
#include <hexpage/forwarding_backend.hpp>

namespace hexpage {

class LivingItems : public ForwardingBackend {
 public:
  LivingItems(std::unique_ptr<Backend> stored, WallClock clock)
      : ForwardingBackend(std::move(stored)), clock_(std::move(clock)) {}

  // With those whose time has come.
  Backend& stored() { return inner(); }
  const WallClock& clock() const { return clock_; }
  Expires now() const { return clock_(); }

  std::vector<std::optional<Value>> get(std::string_view path,
                                        std::span<const std::string_view> keys) override;
  std::optional<Value> getOne(std::string_view path, std::string_view key) override;
  Chunk scan(std::string_view path, std::string_view cursor) override;
  std::string each(std::string_view path, std::string_view cursor, const SeeItem& see) override;
  bool edit(std::string_view path, std::string_view key, const EditItem& decide,
            const FunctionRef<void()>& visible) override;
  // decide() is to see for itself whether the item's time has come.
  bool editAtOnce(std::string_view path, std::string_view key, const EditText& decide) override {
    return inner().editAtOnce(path, key, decide);
  }
  Applied applyThen(const Batch& batch, const std::function<void()>& visible) override {
    return inner().applyThen(batch, visible);
  }

 private:
  const WallClock clock_;
};

}  // namespace hexpage
