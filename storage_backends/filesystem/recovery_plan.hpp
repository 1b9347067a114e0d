// What the journals of all processes tell who opens a store that nobody has open.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "filesystem/journal_content.hpp"

namespace hexpage {

const inline std::string kJournals = ".hexpage/journals";

using JournalContents = std::map<std::uint32_t, JournalContent>;  // by place

// Whose journals there are in the store.
std::set<std::uint32_t> journalPlaces(int directory);

// Notes what another process has taken over, which then died before it could say so.
void applyTakeOvers(JournalContents& contents);

using Flushes = std::vector<const JournalContent::Flush*>;

// The flushes to place again, in this order: after a crash of the machine all above the stamp
// `onDisk`, else those that were stopped.
Flushes flushesToPlace(const JournalContents& contents, std::optional<std::uint64_t> onDisk);
// The one of a single journal that was stopped, if any.
Flushes flushesToPlace(const JournalContent& content);

}  // namespace hexpage
