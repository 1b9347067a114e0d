// What the log has since a moment: which hashes came, went or moved, and which keys of the others
// were written or erased.
#pragma once

#include <hexpage/kv.hpp>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace hexpage {

class LogChanges {
 public:
  std::set<std::string, std::less<>> paths;  // whose entries in the catalogue changed

  // An empty key stands for all of the tree.
  void add(kv::TreeId tree, std::string_view key);
  // It is not known what changed.
  void forgetKeys();
  // nullopt when they are not known.
  std::optional<std::vector<std::string>> keysOf(kv::TreeId tree) const;

 private:
  using Keys = std::set<std::string, std::less<>>;

  bool areKnown_ = true;
  std::map<kv::TreeId, std::optional<Keys>> keys_;  // nullopt: too many, or all
  std::size_t bytes_ = 0;
};

}  // namespace hexpage
