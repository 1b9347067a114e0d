// What a batch does to a store, told as events. What changes nothing, as the removal of an item
// that is not there, is none.
#pragma once

#include <functional>
#include <hexpage/backend.hpp>
#include <hexpage/change_event.hpp>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hexpage {

class BatchEvents {
 public:
  using Wants = std::function<bool(std::string_view path)>;

  // `store` as it is before the batch, which nobody else changes at its paths meanwhile.
  BatchEvents(Backend& store, Wants wants) : store_(store), wants_(std::move(wants)) {}

  std::vector<ChangeEvent> of(const Batch& batch);

 private:
  // A hash as the changes so far have left it.
  struct Hash {
    bool isThere = false;
    std::string base;  // the hash of the store that has what is not in `items`; "" for none
    std::map<std::string, bool, std::less<>> items;  // whether it is there
  };

  bool isTold(std::string_view path) const;
  bool isAnyTold(const Batch& batch) const;
  Hash& hashAt(const std::string& path);
  // As it is in the store; nullopt when the changes so far have removed it.
  std::optional<Value> valueAt(const std::string& path, const std::string& key);
  void tell(ChangeEvent event);

  void one(const Create& c);
  void one(const Put& c);
  void one(const Remove& c);
  void one(const Clear& c);
  void one(const Drop& c);
  void one(const Rename& c);
  void one(const PutRecord& c);
  void one(const EraseRecord& c);

  Backend& store_;
  const Wants wants_;
  std::map<std::string, Hash, std::less<>> hashes_;
  std::vector<ChangeEvent> events_;
};

}  // namespace hexpage
