#include "binary/hash_trees.hpp"

#include "binary/catalogue.hpp"

namespace hexpage {

HashTrees::HashTrees(const kv::Snapshot& now) {
  kv::Cursor cursor = now.cursor(kCatalogue);
  while (const auto entry = cursor.next())
    if (isPath(entry->key))
      if (const auto tree = itemsOf(entry->value, entry->key)) put(entry->key, *tree);
}

std::optional<kv::TreeId> HashTrees::treeOf(std::string_view path) const {
  const auto found = trees_.find(path);
  if (found == trees_.end()) return std::nullopt;
  return found->second;
}

const std::string* HashTrees::pathOf(kv::TreeId tree) const {
  const auto found = paths_.find(tree);
  return found == paths_.end() ? nullptr : found->second;
}

void HashTrees::put(std::string_view path, kv::TreeId tree) {
  erase(path);
  paths_[tree] = &trees_.emplace(path, tree).first->first;
}

void HashTrees::erase(std::string_view path) {
  const auto found = trees_.find(path);
  if (found == trees_.end()) return;
  paths_.erase(found->second);
  trees_.erase(found);
}

}  // namespace hexpage
