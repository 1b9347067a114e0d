// Which hash has its items in which tree: what the catalogue says, in memory, as of one moment.
#pragma once

#include <hexpage/kv.hpp>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace hexpage {

class HashTrees {
 public:
  HashTrees() = default;
  // Those of the snapshot. Reads its catalogue.
  explicit HashTrees(const kv::Snapshot& now);
  HashTrees(HashTrees&&) = default;
  HashTrees& operator=(HashTrees&&) = default;

  std::optional<kv::TreeId> treeOf(std::string_view path) const;
  // nullptr when it is none of a hash's items.
  const std::string* pathOf(kv::TreeId tree) const;

  // Of a tree that no other hash has.
  void put(std::string_view path, kv::TreeId tree);
  void erase(std::string_view path);

 private:
  std::map<std::string, kv::TreeId, std::less<>> trees_;
  std::unordered_map<kv::TreeId, const std::string*> paths_;  // keys in trees_
};

}  // namespace hexpage
