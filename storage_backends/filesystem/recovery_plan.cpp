#include "filesystem/recovery_plan.hpp"

#include <algorithm>
#include <charconv>

#include "filesystem/flush_frame.hpp"
#include "filesystem/folder.hpp"

namespace hexpage {

std::set<std::uint32_t> journalPlaces(int directory) {
  std::set<std::uint32_t> places;
  for (const FolderEntry& entry : entriesOf(directory, kJournals)) {
    const std::string& name = entry.name;
    std::uint32_t place = 0;
    const auto parsed = std::from_chars(name.data(), name.data() + name.size(), place);
    if (parsed.ec == std::errc() && parsed.ptr != name.data()) places.insert(place);
  }
  return places;
}

void applyTakeOvers(JournalContents& contents) {
  for (const auto& [place, content] : contents)
    for (const JournalContent::Flush& flush : content.flushes)
      for (const Covered& covered : flush.covered)
        if (const auto found = contents.find(covered.journal); found != contents.end())
          found->second.noteTakenOver({covered.turn, covered.upTo});
}

Flushes flushesToPlace(const JournalContents& contents, std::optional<std::uint64_t> onDisk) {
  Flushes flushes;
  for (const auto& [place, content] : contents)
    for (const JournalContent::Flush& flush : content.flushes)
      if (onDisk ? flush.stamp > *onDisk : &flush == &content.flushes.back() && !flush.isPlaced)
        flushes.push_back(&flush);
  std::sort(flushes.begin(), flushes.end(),
            [](const auto* a, const auto* b) { return a->stamp < b->stamp; });
  return flushes;
}

Flushes flushesToPlace(const JournalContent& content) {
  if (content.flushes.empty() || content.flushes.back().isPlaced) return {};
  return {&content.flushes.back()};
}

}  // namespace hexpage
