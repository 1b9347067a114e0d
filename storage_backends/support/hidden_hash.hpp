// A hash that is built in batches of bounded size before anybody sees it.
#pragma once

#include <hexpage/backend.hpp>
#include <string>

namespace hexpage {

// Gone with this object unless it was put in its place; the backend forgets those that a crash
// leaves.
class HiddenHash {
 public:
  HiddenHash(Backend& backend, const std::string& options);
  ~HiddenHash();
  HiddenHash(const HiddenHash&) = delete;
  HiddenHash& operator=(const HiddenHash&) = delete;

  // Of equal keys the last one stays.
  void put(Item item);
  // All items of another hash.
  void putAll(const std::string& from);
  void remove(std::string key);

  const std::string& path() const { return path_; }
  // All that was put is in the hash then.
  void flush();

  // In one change, in the place of whatever is at the path. The caller holds its writer's lock.
  void moveTo(const std::string& path);
  // Somebody else has moved or dropped it.
  void letGo() { isMoved_ = true; }

 private:
  void add(Change change, std::size_t bytes);
  void apply(Change change);

  Backend& backend_;
  const std::string path_;
  Batch pending_;
  std::size_t pendingBytes_ = 0;
  bool isMoved_ = false;
};

}  // namespace hexpage
