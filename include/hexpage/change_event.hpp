// What happens to a store, told as it happens: Storage::onChange, Storage::onExpired and
// Storage::follow.
#pragma once

#include <functional>
#include <hexpage/types.hpp>
#include <memory>
#include <string>
#include <string_view>

namespace hexpage {

enum class ChangeKind {
  Create,       // a hash was made
  Put,          // an item was stored
  Delete,       // an item was removed
  Expire,       // an item was removed because its time had come
  Clear,        // all items of a hash were removed
  Drop,         // a hash was removed, with its items
  Rename,       // a hash was moved here, in the place of whatever was here
  Replace,      // a hash has other items now: a copy came here, it was reloaded, or laid out anew
  PutRecord,    // a plain record was stored
  EraseRecord,  // a plain record was removed
  Missed,       // of a Follower only: changes before the next event were not told; has no path
};

// "create", "put", "delete", ..., "put_record", "erase_record", "missed".
std::string_view name(ChangeKind kind) noexcept;

struct ChangeEvent {
  ChangeKind kind = ChangeKind::Put;
  std::string path;     // of the hash or record
  std::string key{};    // of the item
  std::string text{};   // what was stored; of an item that expired, what it was
  Expires expires = 0;  // when that expires or expired
  std::string from{};   // where a renamed hash was
};

class Subscriber;

// While it is there the function is called. The destructor waits until a call that is under way has
// returned, unless it is this call that destroys it; it may outlive its Storage. Move-only.
class Subscription {
 public:
  Subscription() = default;
  explicit Subscription(std::shared_ptr<Subscriber> subscriber)
      : subscriber_(std::move(subscriber)) {}
  Subscription(Subscription&& other) noexcept = default;
  Subscription& operator=(Subscription&& other) noexcept;
  ~Subscription() { cancel(); }

  void cancel() noexcept;

 private:
  std::shared_ptr<Subscriber> subscriber_;
};

}  // namespace hexpage
