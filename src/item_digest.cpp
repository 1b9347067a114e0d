#include "item_digest.hpp"

#include <array>
#include <hexpage/backend.hpp>
#include <hexpage/json_text.hpp>
#include <string>

#include "support/bytes.hpp"
#include "support/checksum.hpp"

namespace hexpage {

void ItemDigest::add(const Item& item) {
  const bool hasSpace = item.text.find_first_of(" \t\r\n") != std::string::npos;
  const std::string compact = hasSpace ? minified(item.text) : std::string();
  std::string frame;
  putText(frame, item.key);
  const std::array<std::string_view, 2> parts = {frame, hasSpace ? compact : item.text};
  ++items;
  low += checksum(parts, 0);
  high += checksum(parts, 1);
}

ItemDigest digestOf(Backend& backend, const std::string& path) {
  ItemDigest digest;
  Chunk chunk;
  do {
    chunk = backend.scan(path, chunk.next);
    for (const Item& item : chunk.items) digest.add(item);
  } while (!chunk.next.empty());
  return digest;
}

}  // namespace hexpage
