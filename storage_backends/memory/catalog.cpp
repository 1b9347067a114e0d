#include "memory/catalog.hpp"

#include <utility>

namespace hexpage {

Catalog::Entry* Catalog::find(std::string_view path) const { return byPath_.find(path); }

MemoryHash* Catalog::hash(std::string_view path) const {
  const Entry* const entry = find(path);
  return entry ? entry->hash.get() : nullptr;
}

void Catalog::put(const std::string& path, Entry entry) {
  Node node = makeNode(path, std::move(entry));
  reserve(1);
  put(std::move(node));
}

Catalog::Node Catalog::makeNode(const std::string& path, Entry entry) {
  std::map<std::string, Entry, PathOrder> one;
  one.emplace(path, std::move(entry));
  return one.extract(one.begin());
}

void Catalog::put(Node node) noexcept {
  erase(node.key());
  const auto place = entries_.insert(std::move(node)).position;
  byPath_.add(place->first, place->second);
}

Catalog::Entry Catalog::take(const std::string& path) noexcept {
  const auto place = entries_.find(path);
  Entry taken = std::move(place->second);
  byPath_.erase(place->first);
  entries_.erase(place);
  return taken;
}

void Catalog::erase(const std::string& path) noexcept {
  if (find(path)) take(path);
}

}  // namespace hexpage
