// The calls that work on the items that match.
#include <functional>
#include <hexpage/hashes.hpp>

#include "matcher.hpp"
#include "session.hpp"
#include "sweep.hpp"

namespace hexpage {

void Hashes::eachMatch(std::string_view path, const Match& match,
                       const std::function<bool(const Item&)>& visit) {
  const Matcher matcher(match);
  eachChunk(path, [&](const Chunk& chunk) {
    for (const Item& item : chunk.items)
      if (matcher.accepts(item.key, item.text) && !visit(item)) return false;
    return true;
  });
}

std::size_t Hashes::hashCount(std::string_view named, const Match& match) {
  if (match.by == MatchBy::All) return livingItems(session(), session().path(named));
  const Matcher matcher(match);
  const std::string path = session().path(named);
  std::size_t count = 0;
  const auto see = [&](const ItemSeen& item) { count += matcher.accepts(item.key, item.text); };
  std::string cursor;
  do cursor = session().backend->each(path, cursor, see);
  while (!cursor.empty());
  return count;
}

bool Hashes::hashAny(std::string_view path, const Match& match) {
  bool isAny = false;
  eachMatch(path, match, [&](const Item&) {
    isAny = true;
    return false;
  });
  return isAny;
}

HashRange Hashes::hashMatch(std::string_view path, const Match& match) {
  return {session_, session().path(path), std::make_shared<const Matcher>(match)};
}

std::size_t Hashes::hashDeleteMatching(std::string_view named, const Match& match) {
  const Matcher matcher(match);
  const std::string path = session().path(named);
  const auto held = session().lockForWriting({path});
  std::size_t removed = 0;
  Chunk chunk;
  do {
    chunk = session().backend->scan(path, chunk.next);
    Batch batch;
    for (Item& item : chunk.items)
      if (matcher.accepts(item.key, item.text)) batch.add(Remove{path, std::move(item.key)});
    if (!batch.changes.empty()) removed += session().apply(batch).removed;
  } while (!chunk.next.empty());
  return removed;
}

}  // namespace hexpage
