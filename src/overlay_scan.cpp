// How an Overlay tells what is in a hash, and in the store, in pieces.
#include <algorithm>
#include <atomic>
#include <charconv>
#include <set>

#include "overlay.hpp"
#include "support/path_rules.hpp"

namespace hexpage {
namespace {

constexpr std::size_t kChunkItems = 1000;
constexpr std::size_t kChunkBytes = std::size_t{1} << 20;

// "!n7:key": new items behind that key, in scan 7. "!b7:...": behind the cursor of the base, in
// scan
// 7. All else is a cursor of the base, of a scan that told no new items.
struct Cursor {
  bool isInBase = true;
  std::uint64_t scan = 0;
  std::string_view rest;

  static Cursor parse(std::string_view text) {
    if (!text.starts_with('!')) return {true, 0, text};
    Cursor cursor;
    cursor.isInBase = text.starts_with("!b");
    const char* const end = text.data() + text.size();
    const char* const colon =
        std::from_chars(text.data() + std::min<std::size_t>(2, text.size()), end, cursor.scan).ptr;
    if (colon != end) cursor.rest = {colon + 1, end};
    return cursor;
  }
};

std::string newCursor(std::uint64_t scan, const std::string& key) {
  return "!n" + std::to_string(scan) + ":" + key;
}

std::string baseCursor(std::uint64_t scan, const std::string& base) {
  if (scan == 0 && !base.starts_with('!')) return base;
  return "!b" + std::to_string(scan) + ":" + base;
}

// No two in a process are the same: a position that is kept beyond its transaction is no other
// one's.
std::uint64_t newScan() {
  static std::atomic<std::uint64_t> last{0};
  return ++last;
}

}  // namespace

Chunk Overlay::scan(std::string_view path, std::string_view cursor) {
  requireOpen();
  const PendingHash* hash = findHash(path);
  if (find(path) && !hash) return {};
  if (!cursor.empty()) {
    const Cursor at = Cursor::parse(cursor);
    return hash && !at.isInBase ? scanNew(*hash, at.scan, at.rest)
                                : scanBase(path, at.scan, at.isInBase ? at.rest : "");
  }
  const auto isNew = [](const auto& item) { return item.second.isNew(); };
  if (!hash || std::none_of(hash->edits.begin(), hash->edits.end(), isNew))
    return scanBase(path, 0, "");
  const std::uint64_t number = newScan();
  told_.try_emplace(number);
  return scanNew(*hash, number, "");
}

Chunk Overlay::scanNew(const PendingHash& hash, std::uint64_t number, std::string_view after) {
  const auto told = told_.find(number);
  Chunk chunk;
  chunk.next = baseCursor(number, "");
  std::size_t bytes = 0;
  for (auto item = hash.edits.upper_bound(after); item != hash.edits.end(); ++item) {
    const auto& [key, edit] = *item;
    if (!edit.isNew()) continue;
    if (chunk.items.size() == kChunkItems || bytes >= kChunkBytes) {
      chunk.next = newCursor(number, chunk.items.back().key);
      break;
    }
    Value value = pending_.value(edit.change);
    chunk.items.push_back({key, std::move(value.text), value.expires});
    bytes += key.size() + chunk.items.back().text.size();
    if (told != told_.end()) told->second.insert(key);
  }
  return chunk;
}

Chunk Overlay::scanBase(std::string_view path, std::uint64_t number, std::string_view cursor) {
  const PendingHash* hash = findHash(path);
  const std::string source = hash ? hash->base : std::string(path);
  Chunk chunk;
  if (!source.empty()) chunk = base_.scan(source, cursor);
  const auto told = told_.find(number);
  if (told != told_.end())
    std::erase_if(chunk.items, [&](const Item& i) { return told->second.contains(i.key); });
  if (hash) edited(*hash, chunk.items);
  if (!chunk.next.empty())
    chunk.next = baseCursor(number, chunk.next);
  else if (told != told_.end())
    told_.erase(told);
  return chunk;
}

// Items of the base as they are in the transaction.
void Overlay::edited(const PendingHash& hash, std::vector<Item>& items) const {
  std::erase_if(items, [&](Item& item) {
    const auto edit = hash.edits.find(item.key);
    if (edit == hash.edits.end() || edit->second.kind == Edit::Kind::None) return false;
    if (edit->second.kind == Edit::Kind::Remove) return true;
    Value value = pending_.value(edit->second.change);
    item.text = std::move(value.text);
    item.expires = value.expires;
    return false;
  });
}

// The cursor is the last path of the base that was told, a line end, and the cursor of the base.
PathChunk Overlay::paths(std::string_view prefix, std::string_view cursor) {
  requireOpen();
  const std::size_t lineEnd = cursor.find('\n');
  std::string last(cursor.substr(0, lineEnd));
  const PathChunk chunk =
      base_.paths(prefix, lineEnd == cursor.npos ? "" : cursor.substr(lineEnd + 1));
  const auto byPath = [](const PathEntry& a, const PathEntry& b) {
    return pathLess(a.path, b.path);
  };
  std::set<PathEntry, decltype(byPath)> merged(chunk.entries.begin(), chunk.entries.end(), byPath);
  const std::string first = last;
  if (!chunk.entries.empty()) last = chunk.entries.back().path;
  for (const auto& [path, entry] : entries_) {
    const bool isDue =
        (first.empty() || pathLess(first, path)) && (chunk.next.empty() || !pathLess(last, path));
    if (!isDue || isHidden(path) || !path.starts_with(prefix)) continue;
    merged.erase(PathEntry{path});
    if (!std::holds_alternative<Nothing>(entry))
      merged.insert({path, std::holds_alternative<PendingHash>(entry)});
  }
  return {{merged.begin(), merged.end()}, chunk.next.empty() ? "" : last + '\n' + chunk.next};
}

}  // namespace hexpage
