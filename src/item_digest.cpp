#include "item_digest.hpp"

#include <array>
#include <hexpage/backend.hpp>
#include <hexpage/json_text.hpp>
#include <string>

#include "support/bytes.hpp"
#include "support/checksum.hpp"

namespace hexpage {

std::uint64_t ItemDigest::add(const Item& item) {
  const bool hasSpace = item.text.find_first_of(" \t\r\n") != std::string::npos;
  const std::string compact = hasSpace ? minified(item.text) : std::string();
  std::string frame;
  putText(frame, item.key);
  putVarint(frame, static_cast<std::uint64_t>(item.expires));
  const std::array<std::string_view, 2> parts = {frame, hasSpace ? compact : item.text};
  const std::uint64_t sum = checksum(parts, 0);
  ++items;
  low += sum;
  high += checksum(parts, 1);
  return sum;
}

ItemDigest digestOf(View& view, const std::string& path) {
  ItemDigest digest;
  Chunk chunk;
  do {
    chunk = view.scan(path, chunk.next);
    for (const Item& item : chunk.items) digest.add(item);
  } while (!chunk.next.empty());
  return digest;
}

}  // namespace hexpage
