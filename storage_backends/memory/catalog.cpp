#include "memory/catalog.hpp"

#include <utility>

#include "memory/snapshot.hpp"

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
  node.mapped().savedIn = saving_.current();
  const auto place = entries_.insert(std::move(node)).position;
  byPath_.add(place->first, place->second);
}

Catalog::Entry Catalog::take(const std::string& path) noexcept {
  const auto place = entries_.find(path);
  preserve(path, place->second);
  Entry taken = std::move(place->second);
  byPath_.erase(place->first);
  entries_.erase(place);
  return taken;
}

void Catalog::erase(const std::string& path) noexcept {
  if (find(path)) take(path);
}

std::string Catalog::save(const std::string& after, std::size_t most) {
  for (auto place = entries_.upper_bound(after); place != entries_.end(); ++place) {
    preserve(place->first, place->second);
    if (--most == 0) return place->first;
  }
  return "";
}

// What is hidden is not for another process.
void Catalog::preserve(const std::string& path, Entry& entry) noexcept {
  if (isHidden(path) || !saving_.awaits(entry.savedIn)) return;
  saving_.attempt([&] {
    saving_.keepName(entry.hash
                         ? hashFrame(entry.hash->table.number(), path, entry.hash->header.text())
                         : recordFrame(path, entry.record));
  });
  entry.savedIn = saving_.current();
}

}  // namespace hexpage
