#include "binary/reading.hpp"

#include <algorithm>
#include <charconv>
#include <hexpage/error.hpp>

#include "binary/catalogue.hpp"
#include "binary/due_times.hpp"
#include "binary/path_lists.hpp"
#include "support/header.hpp"
#include "support/path_rules.hpp"
#include "support/scan_cursor.hpp"

namespace hexpage::reading {
namespace {

constexpr std::size_t kPathsAtOnce = 1000;
constexpr std::size_t kItemsAtOnce = 512;
constexpr std::size_t kBytesAtOnce = std::size_t{1} << 20;

Header headerOf(const kv::View& view, const CatalogueEntry& entry, std::string_view path) {
  Header header = headerFrom(entry.text, path);
  header.setLength(view.count(entry.items));
  return header;
}

std::string cursorAt(const DueItem& item) {
  return std::to_string(item.expires) + ' ' + std::string(item.key);
}

std::string dueAt(std::string_view cursor) {
  if (cursor.empty()) return {};
  Expires expires = 0;
  const auto [end, error] = std::from_chars(cursor.begin(), cursor.end(), expires);
  if (error != std::errc() || end == cursor.end() || *end != ' ')
    throw Error(Code::InvalidArgument, "not a cursor: " + std::string(cursor));
  return encodeDue({expires, {end + 1, cursor.end()}});
}

}  // namespace

Header headerFrom(std::string_view text, std::string_view path) {
  std::optional<Header> header = Header::parse(std::string(text));
  if (!header)
    throw Error(Code::Corrupt, "the catalogue has no header of a hash at " + std::string(path));
  return std::move(*header);
}

std::optional<HashInfo> info(const kv::View& view, std::string_view path) {
  const CatalogueEntry entry = entryAt(view, path);
  if (entry.kind != Kind::Hash) return std::nullopt;
  return headerOf(view, entry, path).info(path);
}

std::optional<Value> item(const kv::View& view, kv::TreeId items, std::string_view path,
                          std::string_view key) {
  std::optional<Value> found;
  const auto keep = [&](std::string_view bytes) {
    const StoredItem stored = decodeItem(bytes, path);
    found = {std::string(stored.text), stored.expires};
  };
  view.read(key, keep, items);
  return found;
}

std::vector<std::optional<Value>> get(const kv::View& view, std::string_view path,
                                      std::span<const std::string_view> keys) {
  std::vector<std::optional<Value>> found(keys.size());
  const auto items = itemsAt(view, path);
  for (std::size_t i = 0; items && i < keys.size(); ++i)
    found[i] = item(view, *items, path, keys[i]);
  return found;
}

Chunk scan(const kv::View& view, std::string_view path, std::string_view cursor) {
  Chunk chunk;
  const auto items = itemsAt(view, path);
  if (!items) return chunk;
  const auto keep = [&](const kv::Entry& entry) {
    const StoredItem item = decodeItem(entry.value, path);
    chunk.items.push_back({std::string(entry.key), std::string(item.text), item.expires});
  };
  const auto next = view.scan(*items, parseScanCursor(cursor), kItemsAtOnce, kBytesAtOnce, keep);
  if (next) chunk.next = scanCursorAt(*next);
  return chunk;
}

Chunk expired(const kv::View& view, std::string_view path, Expires now, std::string_view cursor) {
  Chunk chunk;
  const CatalogueEntry entry = entryAt(view, path);
  if (entry.due == 0) return chunk;
  std::size_t bytes = 0;
  dueTimes(entry.due).walk(view, dueAt(cursor), [&](std::string_view due, std::string_view) {
    const DueItem next = decodeDue(due, path);
    if (next.expires > now) return false;
    if (chunk.items.size() == kItemsAtOnce || bytes > kBytesAtOnce) {
      chunk.next = cursorAt(next);
      return false;
    }
    view.read(
        next.key,
        [&](std::string_view value) {
          const StoredItem item = decodeItem(value, path);
          chunk.items.push_back({std::string(next.key), std::string(item.text), item.expires});
          bytes += next.key.size() + item.text.size();
        },
        entry.items);
    return true;
  });
  return chunk;
}

std::optional<std::string> record(const kv::View& view, std::string_view path) {
  CatalogueEntry entry = entryAt(view, path);
  if (entry.kind == Kind::None) return std::nullopt;
  if (entry.kind == Kind::Record) return std::move(entry.text);
  return headerOf(view, entry, path).text();
}

PathChunk paths(const kv::View& view, std::string_view prefix, std::string_view cursor) {
  PathChunk chunk;
  walkPaths(view, std::max(prefix, cursor, pathLess), [&](std::string_view path, Kind kind) {
    if (!path.starts_with(prefix)) return false;
    if (isHidden(path) || path == cursor) return true;
    if (chunk.entries.size() == kPathsAtOnce) {
      chunk.next = chunk.entries.back().path;
      return false;
    }
    chunk.entries.push_back({std::string(path), kind == Kind::Hash});
    return true;
  });
  return chunk;
}

std::vector<LayoutNode> layout(const kv::View& view, std::string_view path) {
  const auto items = itemsAt(view, path);
  if (!items) return {};
  std::vector<LayoutNode> nodes{{"tree " + std::to_string(*items), 0, true, 0, 0}};
  for (const kv::View::PageInfo& page : view.pages(*items))
    nodes.push_back({"page " + std::to_string(nodes.size()), 1, false, page.records, page.bytes,
                     page.capacity});
  return nodes;
}

}  // namespace hexpage::reading
